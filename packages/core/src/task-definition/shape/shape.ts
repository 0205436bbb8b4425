/** What the ECS API says about one kind of value. The whole model is plain data. */
export type Shape =
  StringShape | IntegerShape | NumberShape | BooleanShape | ListShape | MapShape | StructShape | AnyShape;

export interface StringShape {
  readonly kind: 'string';
  /** The values that ECS knows. */
  readonly values?: readonly string[];
  /** True where AWS keeps adding values, so that an unknown one may just be new. */
  readonly growing?: true;
}

export interface IntegerShape {
  readonly kind: 'integer';
}

/** A number that may have a fraction. */
export interface NumberShape {
  readonly kind: 'number';
}

/** Whatever JSON has. */
export interface AnyShape {
  readonly kind: 'any';
}

export interface BooleanShape {
  readonly kind: 'boolean';
}

/** Strings by free names (labels, options). */
export interface MapShape {
  readonly kind: 'map';
}

export interface ListShape {
  readonly kind: 'list';
  readonly item: Shape;
  /** The members that tell the items apart, e.g. `name` of an environment variable. */
  readonly key?: readonly string[];
  /** True where ECS gives the order of the items no meaning. */
  readonly unordered: boolean;
}

export interface StructShape {
  readonly kind: 'struct';
  /** In the order in which a document is written. */
  readonly members: Readonly<Record<string, Shape>>;
  /** Members that ECS insists on. */
  readonly required: readonly string[];
  /** True where being there is a choice, even if it is empty: a volume with such a member is of that kind. */
  readonly choice?: true;
}

export const string: StringShape = { kind: 'string' };
export const integer: IntegerShape = { kind: 'integer' };
export const boolean: BooleanShape = { kind: 'boolean' };
export const map: MapShape = { kind: 'map' };

export function oneOf(...values: readonly string[]): StringShape {
  return { kind: 'string', values };
}

/** {@link oneOf}, where AWS keeps adding values. */
export function growing(...values: readonly string[]): StringShape {
  return { kind: 'string', values, growing: true };
}

/** A list whose order means something, like the words of a command. */
export function sequence(item: Shape): ListShape {
  return { kind: 'list', item, unordered: false };
}

/** A list whose order means nothing; `key` names the members that identify an item. */
export function set(item: Shape, ...key: readonly string[]): ListShape {
  return key.length === 0
    ? { kind: 'list', item, unordered: true }
    : { kind: 'list', item, key, unordered: true };
}

/** An object. A member whose name ends in `!` is required. */
export function struct(members: Readonly<Record<string, Shape>>): StructShape {
  const entries = Object.entries(members);
  return {
    kind: 'struct',
    members: Object.fromEntries(entries.map(([name, shape]) => [name.replace('!', ''), shape])),
    required: entries.filter(([name]) => name.endsWith('!')).map(([name]) => name.slice(0, -1)),
  };
}

/** {@link struct}, one of several that exclude each other. */
export function choice(members: Readonly<Record<string, Shape>>): StructShape {
  return { ...struct(members), choice: true };
}

/** The shape of one member, or `undefined` where the API knows none of that name. */
export function memberShape(shape: Shape | undefined, name: string): Shape | undefined {
  if (shape?.kind === 'map') return string;
  if (shape?.kind !== 'struct' || !Object.hasOwn(shape.members, name)) return undefined;
  return shape.members[name];
}

/** The member beside the key in a list of pairs: `value` of an environment variable, `valueFrom` of a secret. */
export function pairMember({ item, key: [key, ...more] = [] }: ListShape): string | undefined {
  if (item.kind !== 'struct' || key === undefined || more.length > 0) return undefined;
  const others = Object.keys(item.members).filter((name) => name !== key);
  return others.length === 1 ? others[0] : undefined;
}

/**
 * The shape of a member, also where a keyed list is written as an object, as a patch may:
 * `environment: { LOG_LEVEL: debug }`.
 */
export function entryShape(shape: Shape | undefined, name: string, isObject: boolean): Shape | undefined {
  if (shape?.kind !== 'list') return memberShape(shape, name);
  return isObject ? shape.item : memberShape(shape.item, pairMember(shape) ?? '');
}
