import { randomBytes } from 'node:crypto';

/** Makes a new dashboard's uid. */
export type RandomId = () => string;

/** 12 characters of `[A-Za-z0-9_-]`, 72 random bits. */
export const randomUid: RandomId = () => randomBytes(9).toString('base64url');
