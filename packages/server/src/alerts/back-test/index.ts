export { BackTester } from './back-test.ts';
export { backTestApi } from './routes.ts';
export { tellingWorldOf } from './world.ts';
