import { floodHarmsNobody } from '../support/flood.ts';

/** Five million, of which each takes as long to make as to refuse, are the soak `flood`. */
floodHarmsNobody(500_000);
