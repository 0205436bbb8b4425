import { describe, expect, test } from '@jest/globals';
import { createJudge, type RecordedCall } from '../../fidelity/traffic.mjs';
import { queryShop, shop } from './model.js';

const judge = createJudge({ shop, queryShop });

const call = (changes: Partial<RecordedCall>): RecordedCall => ({
  target: 'Shop_2026.PlaceOrder',
  request: '{"customer":"Ada"}',
  status: 200,
  headers: { 'x-amzn-requestid': 'r-1' },
  response: '{"order":{"id":1}}',
  ...changes,
});

const problemsOf = (changes: Partial<RecordedCall>) => judge(call(changes))?.problems;
const asking = (request: unknown) => problemsOf({ request: JSON.stringify(request) });
const answering = (response: unknown) => problemsOf({ response: JSON.stringify(response) });
const refusing = (body: unknown, status = 400, headers = {}) =>
  problemsOf({
    status,
    response: JSON.stringify(body),
    headers: { 'x-amzn-requestid': 'r-1', ...headers },
  });

describe('a call of the JSON protocol', () => {
  test('may hold all that the model declares', () => {
    const everything = {
      customer: 'Ada',
      items: [{ sku: 'tea-1', price: 2.5 }],
      labels: { gift: 'yes' },
      express: true,
    };
    const order = { id: 1, state: 'OPEN', placedAt: 1_700_000_000.5, parent: { id: 0 }, items: [{}] };
    expect(asking(everything)).toEqual([]);
    expect(answering({ order })).toEqual([]);
    expect(judge(call({}))?.operation).toBe('shop PlaceOrder');
  });

  test.each<[what: string, request: unknown, problem: string]>([
    [
      'an unknown member',
      { customer: 'Ada', coupon: 'x' },
      'request/ must NOT have additional properties: coupon',
    ],
    ['a missing member', {}, "request/ must have required property 'customer'"],
    ['another type', { customer: 1 }, 'request/customer must be string'],
    [
      'a text too long',
      { customer: 'Ada Lovelace' },
      'request/customer must NOT have more than 8 characters',
    ],
    [
      'a list too long',
      { customer: 'Ada', items: [{}, {}, {}] },
      'request/items must NOT have more than 2 items',
    ],
    [
      'a part of a pattern',
      { customer: 'Ada', items: [{ sku: 'x tea-1 x' }] },
      'request/items/0/sku must match pattern "^(?:[a-z]+-\\d+)$"',
    ],
    ['a value of a map', { customer: 'Ada', labels: { gift: true } }, 'request/labels/gift must be string'],
    ['an empty list', { customer: 'Ada', items: [] }, 'request/items must NOT have fewer than 1 items'],
    ['null', { customer: 'Ada', express: null }, 'request/express must be boolean'],
  ])('is found out in its request: %s', (_what, request, problem) => {
    expect(asking(request)).toEqual([problem]);
  });

  test.each<[what: string, response: unknown, problem: string]>([
    ['an unknown member', { orders: [] }, 'response/ must NOT have additional properties: orders'],
    ['a missing member', { order: {} }, "response/order must have required property 'id'"],
    [
      'no member of the enum',
      { order: { id: 1, state: 'LOST' } },
      'response/order/state must be equal to one of the allowed values: OPEN, SHIPPED',
    ],
    [
      'a time as text',
      { order: { id: 1, placedAt: '2026-01-01T00:00:00Z' } },
      'response/order/placedAt must be number',
    ],
    [
      'a fault deep down',
      { order: { id: 1, parent: { id: 1, parent: { id: 'x' } } } },
      'response/order/parent/parent/id must be integer',
    ],
    ['null', { order: null }, 'response/order must be object'],
  ])('is found out in its response: %s', (_what, response, problem) => {
    expect(answering(response)).toEqual([problem]);
  });

  test('may answer an empty list, as AWS does whatever the model says', () => {
    expect(answering({ order: { id: 1, items: [] } })).toEqual([]);
  });

  test('may hold what stands for a member that is newer than the model', () => {
    expect(asking({ customer: 'Ada', futureMember: 1 })).toEqual([]);
    expect(answering({ order: { id: 1, futureMember: {} } })).toEqual([]);
  });

  test('has a request id', () => {
    expect(problemsOf({ headers: {} })).toEqual(['response has no x-amzn-requestid']);
  });

  test('is one of the model', () => {
    expect(problemsOf({ target: 'Shop_2026.Refund' })).toEqual(['the model has no such operation']);
    expect(judge(call({ target: 'Other_2026.PlaceOrder' }))).toBeUndefined();
  });
});

describe('a refusal', () => {
  test('is one that the model lists, or that any service may give', () => {
    expect(refusing({ __type: 'com.shop#OutOfStockException', message: 'x', sku: 'tea-1' })).toEqual([]);
    expect(refusing({ __type: 'NotHere', message: 'x' }, 404)).toEqual([]);
    expect(refusing({ __type: 'ThrottlingException', message: 'Rate exceeded' })).toEqual([]);
    expect(refusing({ __type: 'ClosedException', message: 'x' })).toEqual([
      'the model lists no error ClosedException here',
    ]);
  });

  test('has the status and the members that the model gives it', () => {
    expect(refusing({ __type: 'NotHere', message: 'x' })).toEqual(['error NotHere has status 400, not 404']);
    expect(refusing({ __type: 'OutOfStockException', Message: 'x' })).toEqual([
      'error OutOfStockException/ must NOT have additional properties: Message',
    ]);
  });

  test('has a message, also where the model forgets it', () => {
    expect(refusing({ __type: 'GoneException', message: 'x' })).toEqual([]);
    expect(refusing({ __type: 'GoneException', message: 'x', since: 1 })).toHaveLength(1);
  });

  test('has a code, the same in header and body', () => {
    expect(refusing({ message: 'x' })).toEqual([expect.stringContaining('status 400 has no code')]);
    expect(refusing({ __type: 'OutOfStockException' }, 400, { 'x-amzn-errortype': 'NotHere' })).toEqual([
      expect.stringContaining('has no code'),
    ]);
  });

  test('excuses its request', () => {
    const refused = { status: 400, response: '{"__type":"ValidationException"}', request: '{"coupon":1}' };
    expect(problemsOf(refused)).toEqual([]);
  });
});

describe('a call of the query protocol', () => {
  const xml = (order: string) =>
    `<?xml version="1.0"?><PlaceOrderResponse xmlns="urn:shop"><PlaceOrderResult><order>${order}</order></PlaceOrderResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PlaceOrderResponse>`;
  const query = (parameters: string, response = xml('<id>1</id>'), status = 200) => {
    const { target: _none, ...rest } = call({
      request: `Action=PlaceOrder&Version=2026-01-01&${parameters}`,
      response,
      status,
    });
    return judge(rest);
  };

  test('is read from its form and its XML', () => {
    const verdict = query(
      'customer=Ada&express=true&items.member.1.sku=tea-1&items.member.1.price=2.5',
      xml(
        '<id>1</id><state>OPEN</state><placedAt>2026-01-01T00:00:00Z</placedAt><items><member><sku>a-1</sku></member><member/></items>',
      ),
    );
    expect(verdict).toMatchObject({ operation: 'query-shop PlaceOrder', problems: [] });
  });

  test('may have a list of one, and of none', () => {
    const problems = (items: string) =>
      query('customer=Ada', xml(`<id>1</id><items>${items}</items>`))?.problems;
    expect(problems('<member><sku>a-1</sku></member>')).toEqual([]);
    expect(problems('')).toEqual([]);
    expect(problems('<member><size>1</size></member>')).toEqual([
      'response/order/items/0 must NOT have additional properties: size',
    ]);
  });

  test('is found out on either side', () => {
    expect(query('express=maybe&coupon=x')?.problems).toEqual([
      "request/ must have required property 'customer'",
      'request/ must NOT have additional properties: coupon',
      'request/express must be boolean',
    ]);
    expect(query('customer=Ada', xml('<id>one</id><placedAt>yesterday</placedAt>'))?.problems).toEqual([
      'response/order/id must be integer',
      'response/order/placedAt must be number',
    ]);
    expect(query('customer=Ada', xml('<id>1</id><state>&lt;lost&gt;</state>'))?.problems).toHaveLength(1);
  });

  test('is refused by a listed error', () => {
    const error = (code: string) =>
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>x</Message></Error></ErrorResponse>`;
    expect(query('customer=Ada', error('NotHere'), 404)?.problems).toEqual([]);
    expect(query('customer=Ada', error('AccessDenied'), 403)?.problems).toEqual([]);
    expect(query('customer=Ada', error('Closed'), 400)?.problems).toEqual([
      'the model lists no error Closed here',
    ]);
  });
});
