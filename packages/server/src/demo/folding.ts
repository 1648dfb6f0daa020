/** Alerts of the shop's one rule are about a service itself, or about what it suffers from: which of the two says the map of services. */
export const SHOP_FOLDING = {
  symptoms: ['alertname="ServiceUnwell"'],
  causes: ['alertname="ServiceUnwell"'],
  wait: '30s',
  release: '2m',
};
