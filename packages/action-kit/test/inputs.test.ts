import { afterEach, describe, expect, test } from '@jest/globals';
import { parseCommand, parseStructure, requestShape } from '@ecs-actions/core';
import { errorWithCode } from '@ecs-actions/testkit';
import { EcsActionsError } from '@ecs-actions/core';
import { readAwsInputs, type AwsInputName } from '../src/aws-inputs.js';
import { readInputs, type InputReader } from '../src/inputs.js';

type Name = 'first-input' | 'second-input' | 'third-input';

/** Reads with the environment that the runner makes of `with:`. */
function read<T>(values: Partial<Record<Name, string>>, reading: (input: InputReader<Name>) => T): T {
  for (const [name, value] of Object.entries(values)) process.env[`INPUT_${name.toUpperCase()}`] = value;
  return readInputs<Name, T>(reading);
}

afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('INPUT_')) delete process.env[name];
});

type Reading = (input: InputReader<Name>) => unknown;
const name = 'first-input';
const object = (text: string) =>
  parseStructure(text, requestShape('UpdateService', 'deploymentConfiguration'));

describe('reads', () => {
  test.each<[what: string, value: string, reading: Reading, expected: unknown]>([
    ['a text', ' web ', (input) => input.optional(name), 'web'],
    ['white space as not given', '  \n', (input) => input.optional(name), undefined],
    ['a required text', 'web', (input) => input.required(name), 'web'],
    ['true', 'true', (input) => input.boolean(name, false), true],
    ['FALSE', 'FALSE', (input) => input.boolean(name, true), false],
    ['no boolean as the fallback', '', (input) => input.boolean(name, true), true],
    ['a whole number', '42', (input) => input.integer(name), 42],
    ['zero', '0', (input) => input.integer(name, { min: 0 }), 0],
    ['a negative number', '-3', (input) => input.integer(name), -3],
    ['the bounds themselves', '10', (input) => input.integer(name, { min: 10, max: 10 }), 10],
    ['no number as undefined', '', (input) => input.integer(name, { min: 1 }), undefined],
    ['a choice in any case', 'Strict', (input) => input.choice(name, ['strict', 'off'], 'off'), 'strict'],
    ['no choice as the fallback', '', (input) => input.choice(name, ['strict', 'off'], 'off'), 'off'],
    ['one of some in any case', 'Strict', (input) => input.oneOf(name, ['strict', 'off']), 'strict'],
    ['none of some', '', (input) => input.oneOf(name, ['strict', 'off']), undefined],
    ['a flag', 'True', (input) => input.flag(name), true],
    ['no flag', '', (input) => input.flag(name), undefined],
    ['lines', 'a, b\r\n\n  c ', (input) => input.lines(name), ['a, b', 'c']],
    ['no lines', '', (input) => input.lines(name), []],
    ['a list', 'a, b\n,c\r\n', (input) => input.list(name), ['a', 'b', 'c']],
    [
      'pairs, in order and with all that follows the first =',
      'B=1=2=\n\n A = x \nB=again\nC=',
      (input) => input.pairs(name),
      [
        ['B', '1=2='],
        ['A', ' x'],
        ['B', 'again'],
        ['C', ''],
      ],
    ],
    ['JSON', '{"a": [1]}', (input) => input.json(name), { a: [1] }],
    ['no JSON as undefined', '', (input) => input.json(name), undefined],
    [
      'what a parser of the library makes of it',
      'a "b c"',
      (input) => input.parsed(name, parseCommand),
      ['a', 'b c'],
    ],
    ['nothing to parse as undefined', '', (input) => input.parsed(name, parseCommand), undefined],
    ['a structure', 'a: [1]', (input) => input.checked(name, object), { a: [1] }],
    ['no structure as undefined', '', (input) => input.checked(name, object), undefined],
  ])('%s', (_what, value, reading, expected) => {
    expect(read({ [name]: value }, reading)).toEqual(expected);
  });
});

describe('says what is wrong with', () => {
  test.each<[what: string, value: string, reading: Reading, message: string]>([
    ['a required input', ' ', (input) => input.required(name), 'is required and was not given.'],
    [
      'a command',
      'echo "x',
      (input) => input.parsed(name, parseCommand),
      'has a quote or backslash that nothing closes.',
    ],
    ['a structure', '[1]', (input) => input.checked(name, object), 'is no object in the form of the API.'],
    ['a boolean', 'yes', (input) => input.boolean(name, true), 'is "yes": write true or false.'],
    ['a fraction', '1.5', (input) => input.integer(name), 'is "1.5": write a whole number.'],
    ['hexadecimal', '0x10', (input) => input.integer(name), 'is "0x10": write a whole number.'],
    [
      'a number too low',
      '0',
      (input) => input.integer(name, { min: 1 }),
      'is "0": write a whole number of at least 1.',
    ],
    [
      'a number too high',
      '11',
      (input) => input.integer(name, { max: 10 }),
      'is "11": write a whole number of at most 10.',
    ],
    [
      'a number out of bounds',
      'x',
      (input) => input.integer(name, { min: 1, max: 10 }),
      'is "x": write a whole number from 1 to 10.',
    ],
    [
      'a choice',
      'maybe',
      (input) => input.choice(name, ['on', 'off'], 'on'),
      'is "maybe": write one of on, off.',
    ],
    [
      'a choice that may be left out',
      'maybe',
      (input) => input.choice(name, ['', 'on', 'off'], ''),
      'is "maybe": write one of on, off.',
    ],
    ['JSON', '{"a": 1', (input) => input.json(name), 'is not JSON (at position 7).'],
    ['anything else', 'x', (input) => input.fault(name, 'is no cluster.'), 'is no cluster.'],
  ])('%s', (_what, value, reading, problem) => {
    expect(() => read({ [name]: value }, reading)).toThrow(`Input first-input ${problem}`);
  });
});

describe('lets a parser of the library judge a value', () => {
  const upper = (text: string) => {
    if (text === 'bad') throw new EcsActionsError('INPUT_INVALID', 'is not a name.');
    if (text === 'broken') throw new TypeError('a defect');
    return text.toUpperCase();
  };

  test('that throws', () => {
    expect(read({ [name]: 'web' }, (input) => input.checked(name, upper))).toBe('WEB');
    expect(read({ [name]: '' }, (input) => input.checked(name, upper))).toBeUndefined();
    expect(() => read({ [name]: 'bad' }, (input) => input.checked(name, upper))).toThrow(
      'Input first-input is not a name.',
    );
    expect(() => read({ [name]: 'broken' }, (input) => input.checked(name, upper))).toThrow(TypeError);
  });

  test('that returns what it found wrong', () => {
    const parse = (text: string) => ({
      value: text.length,
      faults: text === 'bad' ? ['is one', 'is two'] : [],
    });
    expect(read({ [name]: 'web' }, (input) => input.parsed(name, parse))).toBe(3);
    expect(read({ [name]: '' }, (input) => input.parsed(name, parse))).toBeUndefined();
    expect(() => read({ [name]: 'bad' }, (input) => input.parsed(name, parse))).toThrow(
      '- Input first-input is one.\n- Input first-input is two.',
    );
  });
});

describe('settles what several inputs make together', () => {
  const refuse = () => {
    throw new EcsActionsError('IMAGE_REFERENCE_INVALID', 'The tag x names no repository.', {
      hint: 'Give image.',
    });
  };

  test('a single refusal keeps its code and hint', () => {
    expect(read({}, (input) => input.settled(() => 3))).toBe(3);
    expect(() => read({}, (input) => input.settled(refuse))).toThrow(
      expect.objectContaining({ code: 'IMAGE_REFERENCE_INVALID', hint: 'Give image.' }),
    );
  });

  test('among other faults it is one of them', () => {
    expect(() => read({}, (input) => [input.settled(refuse), input.required(name)])).toThrow(
      '2 inputs are wrong:\n- The tag x names no repository.\n- Input first-input is required and was not given.',
    );
  });
});

describe('the inputs that every action has', () => {
  const aws = (values: Record<string, string>) => {
    for (const [key, value] of Object.entries(values)) process.env[`INPUT_${key.toUpperCase()}`] = value;
    return readInputs<AwsInputName, unknown>((input) => readAwsInputs(input));
  };

  test.each(['eu-central-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'])(
    'take the region %s',
    (region) => {
      expect(aws({ 'aws-region': region })).toMatchObject({ region });
    },
  );

  test('are all judged at once', () => {
    const wrong = {
      'aws-region': 'EU West',
      'role-to-assume': 'deploy',
      'role-session-name': 'a b',
      'role-duration-seconds': '5',
    };
    expect(() => aws(wrong)).toThrow(
      /^4 inputs are wrong:\n.*aws-region.*"EU West".*\n.*role-to-assume.*deploy\n.*role-session-name.*a b\n.*role-duration-seconds.*"5"/,
    );
  });
});

test('reports every fault at once, in the order of reading', () => {
  const reading = () =>
    read({ 'second-input': 'no', 'third-input': 'many' }, (input) => [
      input.required('first-input'),
      input.boolean('second-input', true),
      input.integer('third-input', { min: 1 }),
    ]);
  expect(reading).toThrow(
    [
      '3 inputs are wrong:',
      '- Input first-input is required and was not given.',
      '- Input second-input is "no": write true or false.',
      '- Input third-input is "many": write a whole number of at least 1.',
    ].join('\n'),
  );
  expect(captured(reading)).toEqual(errorWithCode('INPUT_INVALID', 'Correct the `with:` block'));
});

test('tells where a pair is broken, and not what it holds', () => {
  const values = { [name]: 'A=1\n\nhunter2\nB=2\n=3' };
  expect(() => read(values, (input) => input.pairs(name))).toThrow(
    [
      '2 inputs are wrong:',
      '- Input first-input has a line 3 that is not KEY=value.',
      '- Input first-input has a line 5 that is not KEY=value.',
    ].join('\n'),
  );
});

test.each(['{"password": hunter2hunter2hunter2hunter2}', 'hunter2', '{"a": "hunter2'])(
  'tells where JSON is broken, and not what it holds: %s',
  (value) => {
    const error = captured(() => read({ [name]: value }, (input) => input.json(name)));
    expect(error).toEqual(errorWithCode('INPUT_INVALID', 'Input first-input is not JSON'));
    expect(String(error)).not.toContain('hunter');
  },
);

function captured(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
