import { describe, expect, it } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  decideOnExisting,
  imageTargets,
  pinTarget,
  regionOfTargets,
  targetReferences,
} from '../../src/image/index.js';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

describe('imageTargets', () => {
  it.each([
    ['an image with a tag', { image: 'r.example/app:v1', tags: [] }, ['r.example/app:v1']],
    [
      'bare tags',
      { image: 'r.example/app', tags: ['v1', 'latest'] },
      ['r.example/app:v1', 'r.example/app:latest'],
    ],
    [
      'both, each once',
      { image: 'r.example/app:v1', tags: ['v1', 'v2'] },
      ['r.example/app:v1', 'r.example/app:v2'],
    ],
    [
      'full references, by repository',
      { tags: ['r.example/b:1', 'r.example/a:1', 'r.example/b:2'] },
      ['r.example/b:1', 'r.example/b:2', 'r.example/a:1'],
    ],
    ['a host with a port', { image: '127.0.0.1:5000/app', tags: ['v1'] }, ['127.0.0.1:5000/app:v1']],
  ])('%s', (_what, inputs, expected) => {
    expect(imageTargets(inputs).flatMap(targetReferences)).toEqual(expected);
  });

  it('reports everything that is wrong', () => {
    expect(() =>
      imageTargets({
        image: 'r.example/App',
        tags: ['v1', 'r.example/a', `r.example/b@${A}`, 'r.example/c:!'],
      }),
    ).toThrow(
      errorWithCode(
        'IMAGE_REFERENCE_INVALID',
        /r\.example\/App[^]*r\.example\/c:![^]*r\.example\/a: the tag is missing[^]*r\.example\/b: .*digest/,
      ),
    );
  });

  it.each([
    [{ tags: [] }, /no tag/],
    [{ image: 'r.example/app', tags: [] }, /no tag/],
    [{ tags: ['v1'] }, /tag v1 names no repository/],
  ])('refuses %j', (inputs, message) => {
    expect(() => imageTargets(inputs)).toThrow(errorWithCode('IMAGE_REFERENCE_INVALID', message));
  });
});

it('a target is pinned without its tags', () => {
  expect(pinTarget({ registry: 'r.example', repository: 'app', tags: ['v1'] }, A)).toBe(`r.example/app@${A}`);
});

it('the region comes from the first ECR host', () => {
  const targets = imageTargets({
    tags: ['ghcr.io/a/b:1', '111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1'],
  });
  expect(regionOfTargets(targets)).toBe('eu-west-1');
  expect(regionOfTargets(targets.slice(0, 1))).toBeUndefined();
});

describe('decideOnExisting', () => {
  const existing = (...digests: (string | undefined)[]) =>
    digests.map((digest, index) => ({ reference: `r.example/app:${index}`, digest }));

  it.each([
    ['skip', [A, A], A],
    ['skip', [A, B], undefined],
    ['skip', [A, undefined], undefined],
    ['skip', [undefined], undefined],
    ['rebuild', [A], undefined],
    ['fail', [undefined, undefined], undefined],
  ] as const)('%s with %j', (ifExists, digests, expected) => {
    expect(decideOnExisting(existing(...digests), ifExists)).toBe(expected);
  });

  it('fail names what is there', () => {
    expect(() => decideOnExisting(existing(undefined, A), 'fail')).toThrow(
      errorWithCode('IMAGE_EXISTS', `r.example/app:1 names ${A}`),
    );
  });
});
