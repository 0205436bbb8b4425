import { describe, expect, it } from '@jest/globals';
import { array, assert, constant, constantFrom, option, property, stringMatching } from 'fast-check';
import { formatImageReference, parseImageReference, pinImageDigest } from '../../src/image/index.js';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

describe('parseImageReference', () => {
  it.each([
    ['busybox', { registry: 'docker.io', repository: 'library/busybox' }],
    ['busybox:stable-musl', { registry: 'docker.io', repository: 'library/busybox', tag: 'stable-musl' }],
    ['me/app', { registry: 'docker.io', repository: 'me/app' }],
    ['localhost/app:1', { registry: 'localhost', repository: 'app', tag: '1' }],
    ['127.0.0.1:5000/app', { registry: '127.0.0.1:5000', repository: 'app' }],
    ['[::1]:5000/app:x', { registry: '[::1]:5000', repository: 'app', tag: 'x' }],
    [
      '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app__x:v1.2',
      { registry: '111122223333.dkr.ecr.eu-west-1.amazonaws.com', repository: 'team/app__x', tag: 'v1.2' },
    ],
    [`r.example/a:t@${DIGEST}`, { registry: 'r.example', repository: 'a', tag: 't', digest: DIGEST }],
  ])('%s', (text, expected) => {
    expect(parseImageReference(text)).toEqual(expected);
  });

  it.each([
    ['', /it is empty/],
    ['https://r.example/app', /scheme/],
    ['r.example/App', /lower-case names/],
    ['r.example/app:', /the tag \(empty\)/],
    ['r.example/app:-x', /the tag -x/],
    [`r.example/app:${'x'.repeat(129)}`, /1 to 128/],
    ['r.example/app@sha256:abc', /64 hexadecimal/],
    [`r.example/app@${DIGEST}@${DIGEST}`, /two digests/],
    ['r.example/', /\(empty\)/],
    ['-x.example/app', /not a host/],
    ['r.example/a b', /white space/],
  ])('refuses %j', (text, message) => {
    expect(() => parseImageReference(text)).toThrow(
      expect.objectContaining({ code: 'IMAGE_REFERENCE_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('says how a repository with capitals should be written', () => {
    expect(() => parseImageReference('r.example/Team/App')).toThrow(
      expect.objectContaining({ hint: 'Repositories are lower-case: team/app' }),
    );
  });
});

describe('formatImageReference', () => {
  it('is the inverse of parsing', () => {
    const name = stringMatching(/^[a-z0-9]+(?:[._-][a-z0-9]+)?$/);
    assert(
      property(
        constantFrom('r.example', 'localhost:5000', '127.0.0.1', 'docker.io'),
        array(name, { minLength: 2, maxLength: 4 }),
        option(stringMatching(/^\w[\w.-]{0,20}$/), { nil: undefined }),
        option(constant(DIGEST), { nil: undefined }),
        (registry, path, tag, digest) => {
          const reference = {
            registry,
            repository: path.join('/'),
            ...(tag && { tag }),
            ...(digest && { digest }),
          };
          expect(parseImageReference(formatImageReference(reference))).toEqual(reference);
        },
      ),
    );
  });

  it('pins to a digest without the tag', () => {
    expect(pinImageDigest(parseImageReference('r.example/app:v1'), DIGEST)).toBe(`r.example/app@${DIGEST}`);
  });
});
