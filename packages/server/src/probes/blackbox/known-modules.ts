import { type ProbeModule, READY_MODULES } from './config.ts';
import { compileModule, type ModuleLook } from './modules.ts';

export interface ReadyModule {
  readonly module: ProbeModule;
  readonly look: ModuleLook;
}

export type ConfiguredModules = Readonly<Record<string, ProbeModule>>;

/** The modules of the configuration file, which win over the ready ones, made ready to run. */
export class KnownModules {
  #known: ReadonlyMap<string, ReadyModule>;

  /** Throws a system error when a file of a module cannot be read. */
  constructor(configured: ConfiguredModules) {
    this.#known = compiled(configured);
  }

  /** Takes other modules; looks under way end as they began. Throws as the constructor, and then nothing has changed. */
  configure(configured: ConfiguredModules): void {
    this.#known = compiled(configured);
  }

  get(name: string): ReadyModule | undefined {
    return this.#known.get(name);
  }

  names(): readonly string[] {
    return [...this.#known.keys()];
  }
}

/** Why modules cannot run, each by its name. */
export function moduleProblems(configured: ConfiguredModules): string[] {
  return Object.entries(configured).flatMap(([name, module]) => {
    try {
      compileModule(module);
      return [];
    } catch (error) {
      return [`modules.${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

function compiled(configured: ConfiguredModules): ReadonlyMap<string, ReadyModule> {
  return new Map(
    Object.entries({ ...READY_MODULES, ...configured }).map(([name, module]) => [
      name,
      { module, look: compileModule(module) },
    ]),
  );
}
