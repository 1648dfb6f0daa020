import { engineContract } from './testing/contract.ts';
import { openTestEngine } from './testing/open.ts';

engineContract('in process', (tables) => openTestEngine(tables));
