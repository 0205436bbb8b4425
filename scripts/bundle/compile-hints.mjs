import { parse } from 'acorn';

/**
 * Puts in parentheses every module of a bundle that is needed while the bundle loads. V8 takes a parenthesised function
 * for one that is about to be called and compiles it at once; any other is skimmed first and parsed again when it is
 * called (https://v8.dev/blog/preparser, "PIFEs"). The minifier takes the bundler's own parentheses away. Which modules
 * are needed follows from the code: those that the entry requires, and those that they require, outside of functions
 * that may be called later.
 *
 * @param {string} source a minified ES module as ncc writes it: one object of modules, and the entry's require at its end
 * @returns {string} the same program
 */
export function hintAtModules(source) {
  const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module' });
  const modules = modulesOf(program);
  const needed = new Set();
  /** @param {string} id */
  const need = (id) => {
    const module = modules.get(id);
    if (module === undefined || needed.has(module)) return;
    needed.add(module);
    const name = module.params[2]?.name;
    if (name !== undefined) forEachRequire(module.body, name, need);
  };
  forEachRequire(program, '__nccwpck_require__', need);
  if (needed.size === 0) throw new Error('The bundle requires no module: ncc writes another layout now.');

  let hinted = '';
  let position = 0;
  for (const { start, end } of [...needed].toSorted((a, b) => a.start - b.start)) {
    hinted += `${source.slice(position, start)}(${source.slice(start, end)})`;
    position = end;
  }
  return hinted + source.slice(position);
}

/** Module id → its function. A method (`7(t){…}`) cannot stand in parentheses. */
function modulesOf(program) {
  const modules = program.body
    .filter(({ type }) => type === 'VariableDeclaration')
    .flatMap(({ declarations }) => declarations.map(({ init }) => init))
    .find(
      (init) =>
        init?.type === 'ObjectExpression' && init.properties.length > 0 && init.properties.every(isModule),
    );
  if (modules === undefined)
    throw new Error('The bundle has no object of modules: ncc writes another layout now.');
  return new Map(
    modules.properties.filter(({ method }) => !method).map(({ key, value }) => [String(key.value), value]),
  );
}

function isModule({ key, value }) {
  return typeof key?.value === 'number' && isFunction(value);
}

/** Every `require(7)` that runs when `node` does; `require.a(module, function)` calls its function at once. */
function forEachRequire(node, require, visit) {
  if (node.type === 'CallExpression') {
    const { callee, arguments: given } = node;
    if (callee.name === require && given[0]?.type === 'Literal') visit(String(given[0].value));
    if (isFunction(callee)) forEachRequire(callee.body, require, visit);
    if (callee.object?.name === require && callee.property.name === 'a' && isFunction(given[1]))
      forEachRequire(given[1].body, require, visit);
  }
  if (isFunction(node)) return;
  for (const child of Object.values(node).flat()) {
    if (typeof child?.type === 'string') forEachRequire(child, require, visit);
  }
}

function isFunction(node) {
  return /^(ArrowFunctionExpression|Function(Expression|Declaration))$/.test(node?.type ?? '');
}
