export { controllerApi, demoErrors } from './controller-proxy.ts';
export { SHOP_FOLDING } from './folding.ts';
export { type ChildSpec, Supervisor } from './supervisor.ts';
