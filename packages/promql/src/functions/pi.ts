import { constant } from './constant.ts';

/** `pi()`. */
export const pi = constant(() => Math.PI);
