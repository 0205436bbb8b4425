// Turns AWS's own description of an API (service-2.json, as botocore ships it) into JSON Schema.

/**
 * Members and bounds that a JSON value of the shape `name` may have. Recursive shapes refer to each other. `answer` is
 * for responses: AWS answers empty lists also where a list shared with requests has to hold an item.
 */
export function toJsonSchema(model, name, { answer = false } = {}) {
  const definitions = {};
  const reference = (shapeName) => {
    if (!(shapeName in definitions)) {
      definitions[shapeName] = {};
      const { minItems, ...schema } = describe(newer(shapeName, model.shapes[shapeName]), reference);
      definitions[shapeName] = answer || minItems === undefined ? schema : { ...schema, minItems };
    }
    return { $ref: `#/definitions/${shapeName}` };
  };
  return { ...reference(name), definitions };
}

/** Values that AWS's SDK for JavaScript knows of and that botocore's models lack so far. */
const NEWER_VALUES = { ServiceDeploymentLifecycleStage: ['PRE_PRODUCTION_TRAFFIC_SHIFT'] };

function newer(name, shape) {
  const values = NEWER_VALUES[name];
  return values === undefined ? shape : { ...shape, enum: [...(shape.enum ?? []), ...values] };
}

function describe(shape, reference) {
  switch (shape.type) {
    case 'structure':
      return {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(shape.members ?? {}).map(([member, { shape: target }]) => [
            member,
            reference(target),
          ]),
        ),
        ...(shape.required?.length > 0 ? { required: shape.required } : {}),
        // A document type is free-form JSON; everything else has exactly the members that it declares.
        additionalProperties: shape.document === true,
        ...(shape.union === true ? { minProperties: 1, maxProperties: 1 } : {}),
      };
    case 'list':
      return {
        type: 'array',
        items: reference(shape.member.shape),
        ...bound('minItems', shape.min),
        ...bound('maxItems', shape.max),
      };
    case 'map':
      return {
        type: 'object',
        propertyNames: reference(shape.key.shape),
        additionalProperties: reference(shape.value.shape),
      };
    case 'string':
      return {
        type: 'string',
        ...bound('minLength', shape.min),
        ...bound('maxLength', shape.max),
        ...(shape.enum === undefined ? {} : { enum: shape.enum }),
        ...pattern(shape.pattern),
      };
    case 'integer':
    case 'long':
      return { type: 'integer', ...bound('minimum', shape.min), ...bound('maximum', shape.max) };
    case 'float':
    case 'double':
      return { type: 'number', ...bound('minimum', shape.min), ...bound('maximum', shape.max) };
    case 'timestamp':
      // Epoch seconds, the default of the JSON protocols.
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    case 'blob':
      return { type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' };
    default:
      throw new Error(`Unknown type of shape: ${shape.type}`);
  }
}

const bound = (keyword, value) => (value === undefined ? {} : { [keyword]: value });

/** Models write Java's patterns, which match a whole value; the few that JavaScript cannot read say nothing here. */
function pattern(text) {
  if (text === undefined) return {};
  const whole = `^(?:${text})$`;
  return isPattern(whole) ? { pattern: whole } : {};
}

function isPattern(text) {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
