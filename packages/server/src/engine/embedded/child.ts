import { Socket } from 'node:net';
import { systemClock } from '../../kernel/clock.ts';
import { runEngineProcess } from './engine-process.ts';

/** Entry of the engine's own process: the server gives it a socket as its fourth file. */
const CHANNEL_FD = 3;

runEngineProcess(new Socket({ fd: CHANNEL_FD, readable: true, writable: true }), systemClock);
