export { BackTester } from './back-test.ts';
export { pastOfSeries } from './past.ts';
export { backTestApi } from './routes.ts';
export { tellingWorldOf } from './world.ts';
