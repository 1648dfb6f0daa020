export { createAuthenticator } from './authenticator.ts';
export { type PasswordVault, secureFloor } from './floor.ts';
