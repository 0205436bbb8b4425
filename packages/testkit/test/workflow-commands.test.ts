import { describe, expect, test } from '@jest/globals';
import { RunnerLogReader, type RunnerLog } from '../src/workflow-commands.js';

function readRunnerLog(text: string): RunnerLog {
  const reader = new RunnerLogReader();
  for (const line of text.split('\n')) reader.read(line);
  return reader.result();
}

describe('RunnerLogReader', () => {
  test('hides a masked value in the lines after the mask, not before', () => {
    const { log, masks } = readRunnerLog('swordfish\n::add-mask::swordfish\nthe password is swordfish');
    expect(masks).toEqual(['swordfish']);
    expect(log).toBe('swordfish\nthe password is ***');
  });

  test('hides each line of a masked value', () => {
    expect(readRunnerLog('::add-mask::first%0Asecond\nsecond alone').log).toBe('*** alone');
  });

  test('reads properties and escapes', () => {
    const { annotations, log } = readRunnerLog(
      '::error title=A%2C B%3A C,file=app.ts,line=7::100%25%0Asecond line',
    );
    expect(annotations).toEqual([
      { level: 'error', title: 'A, B: C', file: 'app.ts', line: 7, message: '100%\nsecond line' },
    ]);
    expect(log).toBe('Error: 100%\nsecond line');
  });

  test.each([
    ['after white space', '  ::warning::careful'],
    ['whatever the case', '::WARNING::careful'],
    ['in the old form, anywhere in a line', 'text ##[warning]careful'],
    ['after a lone carriage return', '\r::warning::careful'],
  ])('obeys a command %s', (_what, line) => {
    expect(readRunnerLog(line).annotations).toEqual([{ level: 'warning', message: 'careful' }]);
  });

  test.each(['text ::error::no', ': :error::no', '::unknown::no', '::error no'])(
    'shows %s as text',
    (line) => {
      expect(readRunnerLog(line)).toEqual({ log: line, masks: [], annotations: [] });
    },
  );

  test('hands on each line as its reader sees it, as soon as it is there', () => {
    const seen: string[] = [];
    const reader = new RunnerLogReader((line) => seen.push(line));
    reader.read('::add-mask::swordfish');
    expect(seen).toEqual([]);
    reader.read('a swordfish');
    expect(seen).toEqual(['a ***']);
  });

  test('shows groups, and no debug lines', () => {
    expect(readRunnerLog('::group::Push\nlayer 1\n::debug::hidden\n::endgroup::\nend').log).toBe(
      '▸ Push\nlayer 1\nend',
    );
  });
});
