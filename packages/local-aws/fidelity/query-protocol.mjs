// Reads the query protocol (STS, load balancing): parameters in a form, answers in XML. Both become the plain values
// that the JSON protocols carry, so that one validator serves all.

/** `Tags.member.1.Key=…` → `{ Tags: [{ Key: … }] }`, typed by the shape. Unknown parameters stay, as text. */
export function readForm(model, shapeName, form) {
  const tree = {};
  for (const [path, value] of new URLSearchParams(form)) {
    if (path === 'Action' || path === 'Version') continue;
    let node = tree;
    const steps = path.split('.');
    for (const step of steps.slice(0, -1)) node = node[step] ??= {};
    node[steps.at(-1)] = value;
  }
  return typed(model, shapeName, tree);
}

/** The value below `<Operation>Result`, and what an error says. */
export function readXml(model, shapeName, xml) {
  const [root, document] = Object.entries(parseXml(xml))[0] ?? [];
  if (root === 'ErrorResponse') return { error: document.Error?.Code, message: document.Error?.Message };
  const result = Object.entries(document ?? {}).find(([name]) => name.endsWith('Result'))?.[1];
  return { value: typed(model, shapeName, result ?? {}) };
}

function typed(model, shapeName, node) {
  const shape = model.shapes[shapeName];
  if (shape === undefined || node === undefined) return node;
  switch (shape.type) {
    case 'structure':
      // An empty element is a structure without members.
      if (node === '') return {};
      if (typeof node !== 'object') return node;
      return Object.fromEntries(
        Object.entries(node).map(([name, value]) => [name, typed(model, shape.members[name]?.shape, value)]),
      );
    case 'list':
      return itemsOf(node).map((item) => typed(model, shape.member.shape, item));
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return /^-?\d+(\.\d+)?$/.test(node) ? Number(node) : node;
    case 'boolean':
      return node === 'true' ? true : node === 'false' ? false : node;
    case 'timestamp':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(node) ? Date.parse(node) / 1000 : node;
    default:
      return node;
  }
}

/** A form has them by number; XML has one `member`, or several of them as an array. */
function itemsOf(node) {
  if (node === '') return [];
  const members = node?.member ?? node;
  if (Array.isArray(members)) return members;
  const byNumber = typeof members === 'object' && Object.keys(members).every((key) => /^\d+$/.test(key));
  return byNumber ? Object.values(members) : [members];
}

/** Elements as nested objects; text of leaves as strings. Attributes, comments and namespaces do not matter here. */
function parseXml(xml) {
  const stack = [{ children: {} }];
  for (const [, close, name, selfClosed, text] of xml.matchAll(
    /<(?:(\/)?([\w:]+)(?:\s[^>]*?)?(\/)?|[?!][^>]*)>([^<]*)/g,
  )) {
    if (name === undefined) continue;
    if (close === undefined) stack.push({ name, text, children: {} });
    if (close === undefined && selfClosed === undefined) continue;
    const { name: ended, text: inner, children } = stack.pop();
    const value = Object.keys(children).length > 0 ? children : decode(inner);
    const parent = stack.at(-1).children;
    if (!(ended in parent)) parent[ended] = value;
    else parent[ended] = [].concat(parent[ended], value);
  }
  return stack[0].children;
}

function decode(text) {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
