/** A small API in the form of AWS's models: one of the JSON protocol, one of the query protocol. */
const shapes = {
  PlaceOrderRequest: {
    type: 'structure',
    required: ['customer'],
    members: {
      customer: { shape: 'Name' },
      items: { shape: 'Items' },
      labels: { shape: 'Labels' },
      express: { shape: 'Boolean' },
    },
  },
  PlaceOrderResponse: { type: 'structure', members: { order: { shape: 'Order' } } },
  Order: {
    type: 'structure',
    required: ['id'],
    members: {
      id: { shape: 'Count' },
      state: { shape: 'State' },
      placedAt: { shape: 'Timestamp' },
      parent: { shape: 'Order' },
      items: { shape: 'Items' },
    },
  },
  Items: { type: 'list', member: { shape: 'Item' }, min: 1, max: 2 },
  Item: { type: 'structure', members: { sku: { shape: 'Sku' }, price: { shape: 'Price' } } },
  Labels: { type: 'map', key: { shape: 'Name' }, value: { shape: 'String' } },
  Name: { type: 'string', min: 1, max: 8 },
  Sku: { type: 'string', pattern: '[a-z]+-\\d+' },
  State: { type: 'string', enum: ['OPEN', 'SHIPPED'] },
  Price: { type: 'double', min: 0 },
  Count: { type: 'integer' },
  Boolean: { type: 'boolean' },
  String: { type: 'string' },
  Timestamp: { type: 'timestamp' },
  OutOfStockException: {
    type: 'structure',
    exception: true,
    members: { message: { shape: 'String' }, sku: { shape: 'Sku' } },
  },
  GoneException: { type: 'structure', exception: true, members: {} },
  NotHereException: {
    type: 'structure',
    exception: true,
    error: { code: 'NotHere', httpStatusCode: 404, senderFault: true },
    members: { message: { shape: 'String' } },
  },
};

const operations = {
  PlaceOrder: {
    name: 'PlaceOrder',
    input: { shape: 'PlaceOrderRequest' },
    output: { shape: 'PlaceOrderResponse', resultWrapper: 'PlaceOrderResult' },
    errors: [{ shape: 'OutOfStockException' }, { shape: 'GoneException' }, { shape: 'NotHereException' }],
  },
};

export const shop = {
  metadata: { serviceId: 'Shop', endpointPrefix: 'shop', protocol: 'json', targetPrefix: 'Shop_2026' },
  operations,
  shapes,
};

export const queryShop = {
  metadata: {
    serviceId: 'Query Shop',
    endpointPrefix: 'query-shop',
    protocol: 'query',
    apiVersion: '2026-01-01',
  },
  operations,
  shapes,
};
