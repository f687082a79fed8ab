// The health of what is really sent, as ETSI TR 101 290 measures it.
import { el, setText } from './dom.js';
import { count, duration } from './format.js';
import { request } from './store.js';

/** @typedef {{priority: number, clause: string, name: string, errors: number, bad: boolean}} Light */

/** How often it is asked for, in ms. */
const every = 2000;

const priorities = /** @type {[number, string][]} */ ([[1, 'Priority 1: decodable'], [2, 'Priority 2: to be watched'], [3, 'Priority 3: for the application'], [0, 'Beyond TR 101 290']]);

/** The lights of a channel. Its first destination is measured while it is shown. */
export class Health {
	#verdict = el('p', { class: 'health-verdict', role: 'status' });
	#groups = el('div', { class: 'health' });
	#timer = 0;
	#id = '';
	/** @type {AbortController | undefined} */ #asking;
	element = el('div', {}, this.#verdict, this.#groups);

	/** Measures a channel that is on air, none for ''. @param {string} id */
	watch(id) {
		if (id === this.#id) return;
		this.stop();
		this.#id = id;
		if (id) this.#ask();
		else this.#say('It is measured while the channel is on air.');
	}

	stop() {
		this.#id = '';
		clearTimeout(this.#timer);
		this.#asking?.abort();
	}

	async #ask() {
		const asking = new AbortController();
		this.#asking = asking;
		try {
			if (!document.hidden) this.#show(await request('GET', `/console/channels/${encodeURIComponent(this.#id)}/health`, undefined, asking.signal));
		} catch (err) {
			if (asking.signal.aborted) return;
			this.#say(/** @type {Error} */ (err).message);
		}
		this.#timer = setTimeout(() => this.#ask(), every);
	}

	/** @param {string} text */
	#say(text) {
		setText(this.#verdict, text);
		this.#groups.replaceChildren();
	}

	/** @param {{seconds: number, verdict: string, lights: Light[]}} h */
	#show(h) {
		setText(this.#verdict, h.seconds < 1 ? 'Measuring what is sent…' : `Measured for ${duration(h.seconds * 1000)}: ${h.verdict}`);
		const groups = priorities.map(([priority, title]) => /** @type {[string, Light[]]} */ ([title, h.lights.filter((l) => l.priority === priority)]));
		this.#groups.replaceChildren(...groups.filter(([, all]) => all.length > 0).map(([title, all]) => el('div', { class: 'health-group' },
			el('h3', {}, title), el('ul', {}, all.map(light)))));
	}
}

/** @param {Light} l */
function light(l) {
	const tone = l.bad ? 'bad' : l.errors > 0 ? 'past' : 'good';
	const text = { bad: `${count(l.errors)}, now`, past: `${count(l.errors)} before`, good: 'no error' }[tone];
	return el('li', { class: `light ${tone}` }, el('span', { class: 'light-name' }, l.clause && el('span', { class: 'light-clause' }, l.clause), l.name.replace(/_/g, ' ')), el('span', { class: 'light-errors' }, text));
}
