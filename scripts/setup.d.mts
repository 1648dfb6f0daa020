export class SetupProblem extends Error {}
export function checkNode(version?: string): void;
export function badEngines(log: string): string[];
export function setup(say: (line: string) => void): Promise<void>;
