import { floodHarmsNobody } from '../support/flood.ts';

floodHarmsNobody(5_000_000);
