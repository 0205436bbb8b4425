import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

const DIGEST = /^sha256:[A-Fa-f0-9]{64}$/;

/** Source: API reference, ContainerDefinition, `image`. */
export const imageRules: readonly Rule[] = [
  {
    id: 'image',
    severity: 'error',
    summary: 'An image is a name of up to 255 characters, with a tag or a sha256 digest.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        if (container.image === undefined) continue;
        const problem = imageProblem(container.image);
        if (problem === undefined) continue;
        yield {
          path: inContainer(index, 'image'),
          reason: `The image of ${called(container, index)} ${problem}.`,
          fix: 'Write registry/repository:tag or registry/repository@sha256:digest.',
        };
      }
    },
  },
];

function imageProblem(image: string): string | undefined {
  const at = image.indexOf('@');
  const name = at < 0 ? image : image.slice(0, at);
  if (name === '') return 'is empty';
  if (name.length > 255) return `is ${name.length} characters long; ECS takes 255`;
  if (!/^[\w.:/#-]+$/.test(name)) return 'has characters that no image name has';
  if (at >= 0 && !DIGEST.test(image.slice(at + 1)))
    return 'has a digest that is not sha256 and 64 hexadecimal digits';
  return undefined;
}
