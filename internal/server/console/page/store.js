// What the server tells, and what is asked of it.

/**
 * @typedef {object} Pipeline
 * @property {string[]} to
 * @property {number} epoch in ms
 * @property {number} bit_rate
 * @property {number} lap_seconds
 * @property {boolean} paused
 * @property {string} [last_error]
 */
/** @typedef {{kind: string, message: string, set: number}} Alert */
/**
 * @typedef {object} Channel
 * @property {string} id
 * @property {string} name
 * @property {string} state
 * @property {string} source
 * @property {number} since
 * @property {Alert[]} alerts
 * @property {Pipeline[]} pipelines
 */
/** @typedef {{lap: number, position: number, rate: number, late: number, p999: number, datagrams: number, dropped: number, starved: number}} Figures */

const nothing = { lap: 0, position: 0, rate: 0, late: 0, p999: 0, datagrams: 0, dropped: 0, starved: 0 };

/**
 * The channels as the server has them. It sends "change" with the ids that
 * changed ({ids, all}), and "link" when the connection comes or goes.
 */
export class Store extends EventTarget {
	/** @type {Map<string, Channel>} */ channels = new Map();
	/** @type {Map<string, {at: number, figures: Figures[]}>} */ live = new Map();
	steered = false;
	/** @type {string[]} */ sources = [];
	loaded = false;
	linked = true;
	/** How far the server's clock is ahead of ours, in ms. */ skew = 0;
	/** @type {EventSource | undefined} */ #events;
	#heard = 0;

	connect() {
		this.#open();
		setInterval(() => this.#watch(), 5000);
		addEventListener('online', () => this.#open());
	}

	#open() {
		this.#events?.close();
		const events = new EventSource('/console/events');
		this.#events = events;
		this.#heard = performance.now();
		events.addEventListener('all', (e) => this.#take(JSON.parse(e.data), true));
		events.addEventListener('change', (e) => this.#take(JSON.parse(e.data), false));
		events.addEventListener('alive', (e) => this.#hear(JSON.parse(e.data)));
		events.addEventListener('error', () => this.#lose(events));
	}

	/** Looks whether the server still says something: a dead line gives no error. */
	#watch() {
		if (performance.now() - this.#heard < 25_000) return;
		this.#link(false);
		this.#open();
	}

	/** @param {EventSource} events */
	async #lose(events) {
		this.#link(false);
		if (events.readyState !== EventSource.CLOSED) return; // It tries again by itself.
		await ask('GET', '/console/channels').catch(() => {}); // Leads to the login where that is what is wrong.
		setTimeout(() => events === this.#events && this.#open(), 2000);
	}

	/** @param {{now: number}} message */
	#hear(message) {
		this.#heard = performance.now();
		this.skew = message.now - Date.now();
		this.#link(true);
	}

	/** @param {boolean} on */
	#link(on) {
		if (this.linked === on) return;
		this.linked = on;
		this.dispatchEvent(new Event('link'));
	}

	/** @param {any} message @param {boolean} all */
	#take(message, all) {
		this.#hear(message);
		const ids = new Set();
		if (all) {
			this.steered = message.steered;
			this.sources = message.sources ?? [];
			this.loaded = true;
			this.channels.clear();
			this.live.clear();
		}
		for (const c of message.changed ?? []) {
			this.channels.set(c.id, c);
			ids.add(c.id);
		}
		for (const [id, figures] of Object.entries(message.live ?? {})) {
			this.live.set(id, { at: performance.now(), figures: figures.map(figuresOf) });
			ids.add(id);
		}
		for (const id of message.gone ?? []) {
			this.channels.delete(id);
			this.live.delete(id);
			ids.add(id);
		}
		this.dispatchEvent(new CustomEvent('change', { detail: { ids, all } }));
	}

	/** @param {string} id @param {number} [pipeline] @returns {Figures} */
	figures(id, pipeline = 0) {
		return this.live.get(id)?.figures[pipeline] ?? nothing;
	}

	/**
	 * Where in its lap a channel is now: what was told last, and the time since.
	 * @param {Channel} c @returns {{lap: number, position: number, length: number}}
	 */
	lap(c) {
		const p = c.pipelines[0], told = this.live.get(c.id);
		if (!p || !told || c.state !== 'RUNNING' || !p.lap_seconds) return { lap: 0, position: 0, length: p?.lap_seconds ?? 0 };
		const { lap, position } = told.figures[0];
		const since = p.paused || !this.linked ? 0 : Math.min(3, (performance.now() - told.at) / 1000);
		const spent = position + since;
		return { lap: lap + Math.floor(spent / p.lap_seconds), position: spent % p.lap_seconds, length: p.lap_seconds };
	}

	/** The server's time. */
	now() {
		return Date.now() + this.skew;
	}
}

/** @param {number[]} f @returns {Figures} */
function figuresOf(f) {
	return { lap: f[0], position: f[1], rate: f[2], late: f[3], p999: f[4], datagrams: f[5], dropped: f[6], starved: f[7] };
}

/** What the server refused, in its words. */
export class Refused extends Error {
	/** @param {string} text @param {string} field @param {number} status */
	constructor(text, field, status) {
		super(text);
		this.field = field;
		this.status = status;
	}
}

/**
 * Asks the server. Rejects with Refused, or with what kept it from being asked.
 * @param {string} method @param {string} path @param {any} [body] @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(method, path, body, signal) {
	/** @type {Record<string, string>} */
	const headers = { Accept: 'application/json' };
	if (method !== 'GET') headers['X-Lilo-Csrf'] = cookie('lilo_csrf');
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	let response;
	try {
		response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
	} catch (err) {
		if (signal?.aborted) throw err;
		throw new Refused('The server does not answer. Is it still running?', '', 0);
	}
	if (response.status === 401) {
		location.assign('/login');
	}
	const text = await response.text();
	if (response.ok) return text ? JSON.parse(text) : null;
	throw refusal(response, text);
}

/** @param {Response} response @param {string} text */
function refusal(response, text) {
	try {
		const told = JSON.parse(text);
		return new Refused(told.error ?? told.message ?? text, told.field ?? '', response.status);
	} catch {
		return new Refused(text.trim() || `The server answers ${response.status} ${response.statusText}.`, '', response.status);
	}
}

/** @param {string} name */
export function cookie(name) {
	const found = document.cookie.split('; ').find((c) => c.startsWith(`${name}=`));
	return found ? decodeURIComponent(found.slice(name.length + 1)) : '';
}
