import { engineContract } from './testing/contract.ts';
import { openEngineHere } from './testing/open.ts';

engineContract('in process', (tables) => openEngineHere(tables));
