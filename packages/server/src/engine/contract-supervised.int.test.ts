import { engineContract } from './testing/contract.ts';
import { openSupervisedEngine } from './testing/open.ts';

engineContract('supervised', (tables) => openSupervisedEngine(tables));
