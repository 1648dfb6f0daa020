export { type Credentials, createAuthenticator } from './authenticator.ts';
export { accessErrors } from './errors.ts';
export { type Floor, isLoopback, type PasswordVault, secureFloor } from './floor.ts';
