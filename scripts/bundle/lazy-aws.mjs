import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

/** The SDK's packages that move into dist/aws.js, by the name under which that file exports them. */
const PACKAGES = { ecs: '@aws-sdk/client-ecs', sts: '@aws-sdk/client-sts' };

/**
 * Writes, into the build output of the action, what stands in for the AWS SDK while dist/index.js is bundled (modules
 * that read dist/aws.js when they are first needed, under all the SDK's names), and the entry of dist/aws.js.
 */
export function writeLazyAws(action, scripts) {
  const require = createRequire(join(action, 'package.json'));
  const folder = join(action, 'lib', 'lazy-aws');
  mkdirSync(folder, { recursive: true });
  const paths = stubs(folder, scripts);
  for (const [name, specifier] of Object.entries(PACKAGES)) {
    const exported = Object.keys(require(specifier)).filter((key) => /^[A-Za-z_]\w*$/.test(key));
    writeFileSync(
      join(folder, `${name}.js`),
      `const { ${name} } = await import(/* webpackIgnore: true */ './aws.js');\nexport const { ${exported.join(', ')} } = ${name};\n`,
    );
    paths[specifier] = [`./${name}.js`];
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { baseUrl: '.', paths }, files: [] }),
  );
  const entry = join(folder, 'entry.js');
  const lines = Object.entries(PACKAGES).map(
    ([name, specifier]) => `export * as ${name} from '${specifier}';\n`,
  );
  writeFileSync(entry, lines.join(''));
  return { folder, entry };
}

/** What stands in for a package in every bundle, by the package, seen from `folder`. */
function stubs(folder, scripts) {
  const text = readFileSync(join(scripts, 'tsconfig.json'), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
  const { paths } = JSON.parse(text).compilerOptions;
  return Object.fromEntries(
    Object.entries(paths)
      .filter(([, [path]]) => path.startsWith('./stubs/'))
      .map(([name, [path]]) => [name, [join(relative(folder, scripts), path)]]),
  );
}
