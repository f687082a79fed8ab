// The state that the server sends, and requests to the server.

/**
 * @typedef {object} Pipeline
 * @property {string[]} to
 * @property {number} epoch in ms
 * @property {number} bit_rate
 * @property {number} lap_seconds
 * @property {boolean} paused
 * @property {boolean} sending
 * @property {string} [last_error]
 * @property {string[]} [unheard] of to
 * @property {{what: 'fetching' | 'encoding' | 'waiting', share: number, left: number}} [work]
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
 * @property {string[]} notes
 * @property {Record<string, string>} [tags]
 * @property {Pipeline[]} pipelines
 */
/** @typedef {{lap: number, position: number, rate: number, late: number, p999: number, datagrams: number, skipped: number, dropped: number, unread: number}} Live */

const zero = { lap: 0, position: 0, rate: 0, late: 0, p999: 0, datagrams: 0, skipped: 0, dropped: 0, unread: 0 };

/**
 * A copy of the server's channels. It dispatches "change" with the ids that
 * changed ({ids, all}), and "connection" when the connection is lost or back.
 */
export class Store extends EventTarget {
	/** @type {Map<string, Channel>} */ channels = new Map();
	/** @type {Map<string, {at: number, pipelines: Live[]}>} */ #live = new Map();
	readOnly = true;
	/** @type {string[]} */ sourceHints = [];
	/** Whether there are folders to choose sources from. */ browse = false;
	loaded = false;
	connected = true;
	/** How far the server's clock is ahead, in ms. */ skew = 0;
	/** @type {EventSource | undefined} */ #events;
	#received = 0;

	connect() {
		this.#open();
		setInterval(() => this.#checkConnection(), 5000);
		addEventListener('online', () => this.#open());
	}

	#open() {
		this.#events?.close();
		const events = new EventSource('/console/events');
		this.#events = events;
		this.#received = performance.now();
		events.addEventListener('all', (e) => this.#apply(JSON.parse(e.data), true));
		events.addEventListener('change', (e) => this.#apply(JSON.parse(e.data), false));
		events.addEventListener('alive', (e) => this.#receive(JSON.parse(e.data)));
		events.addEventListener('error', () => this.#reconnect(events));
	}

	/** Reconnects if nothing was received for long: a dead connection gives no error. */
	#checkConnection() {
		if (performance.now() - this.#received < 25_000) return;
		this.#setConnected(false);
		this.#open();
	}

	/** @param {EventSource} events */
	async #reconnect(events) {
		this.#setConnected(false);
		if (events.readyState !== EventSource.CLOSED) return; // The browser reconnects.
		await request('GET', '/console/channels').catch(() => {}); // Goes to the login if the session has ended.
		setTimeout(() => events === this.#events && this.#open(), 2000);
	}

	/** @param {{now: number}} message */
	#receive(message) {
		this.#received = performance.now();
		this.skew = message.now - Date.now();
		this.#setConnected(true);
	}

	/** @param {boolean} connected */
	#setConnected(connected) {
		if (this.connected === connected) return;
		this.connected = connected;
		this.dispatchEvent(new Event('connection'));
	}

	/** @param {any} message @param {boolean} all */
	#apply(message, all) {
		this.#receive(message);
		const ids = new Set();
		if (all) {
			this.readOnly = message.read_only;
			this.sourceHints = message.source_hints;
			this.browse = message.browse;
			this.loaded = true;
			this.channels.clear();
			this.#live.clear();
		}
		for (const c of message.changed ?? []) {
			this.channels.set(c.id, c);
			ids.add(c.id);
		}
		for (const [id, pipelines] of Object.entries(message.live ?? {})) {
			this.#live.set(id, { at: performance.now(), pipelines: pipelines.map(toLive) });
			ids.add(id);
		}
		for (const id of message.removed ?? []) {
			this.channels.delete(id);
			this.#live.delete(id);
			ids.add(id);
		}
		this.dispatchEvent(new CustomEvent('change', { detail: { ids, all } }));
	}

	/** @param {string} id @param {number} [pipeline] @returns {Live} */
	live(id, pipeline = 0) {
		return this.#live.get(id)?.pipelines[pipeline] ?? zero;
	}

	/**
	 * Where in its lap a channel is now, extrapolated from what was received last.
	 * @param {Channel} c @returns {{lap: number, position: number, length: number}}
	 */
	lap(c) {
		const p = c.pipelines[0], last = this.#live.get(c.id);
		if (!p || !last || c.state !== 'RUNNING' || !p.lap_seconds) return { lap: 0, position: 0, length: p?.lap_seconds ?? 0 };
		const { lap, position } = last.pipelines[0];
		const since = p.paused || !this.connected ? 0 : Math.min(3, (performance.now() - last.at) / 1000);
		const elapsed = position + since;
		return { lap: lap + Math.floor(elapsed / p.lap_seconds), position: elapsed % p.lap_seconds, length: p.lap_seconds };
	}

	/** The server's time. */
	now() {
		return Date.now() + this.skew;
	}
}

/** @param {number[]} values @returns {Live} */
function toLive([lap, position, rate, late, p999, datagrams, skipped, dropped, unread]) {
	return { lap, position, rate, late, p999, datagrams, skipped, dropped, unread };
}

/** An error that the server answered with. */
export class RequestError extends Error {
	/** @param {string} text @param {string} field @param {number} status */
	constructor(text, field, status) {
		super(text);
		this.field = field;
		this.status = status;
	}
}

/**
 * Sends a request. Rejects with a RequestError, or if it is aborted.
 * @param {string} method @param {string} path @param {any} [body] @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function request(method, path, body, signal) {
	const text = await send(method, path, body, signal);
	return text ? JSON.parse(text) : null;
}

/** Gets a text. @param {string} path @param {AbortSignal} [signal] */
export const requestText = (path, signal) => send('GET', path, undefined, signal);

/** @param {string} method @param {string} path @param {any} body @param {AbortSignal} [signal] */
async function send(method, path, body, signal) {
	/** @type {Record<string, string>} */
	const headers = { Accept: 'application/json' };
	if (method !== 'GET') headers['X-Lilo-Csrf'] = cookie('lilo_csrf');
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	let response;
	try {
		response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
	} catch (err) {
		if (signal?.aborted) throw err;
		throw new RequestError('The server does not respond. Is it still running?', '', 0);
	}
	if (response.status === 401) {
		location.assign(`/login${location.hash}`);
	}
	const text = await response.text();
	if (response.ok) return text;
	throw toError(response, text);
}

/** @param {Response} response @param {string} text */
function toError(response, text) {
	try {
		const body = JSON.parse(text);
		return new RequestError(body.error ?? body.message ?? text, body.field ?? '', response.status);
	} catch {
		return new RequestError(text.trim() || `The server responds with ${response.status} ${response.statusText}.`, '', response.status);
	}
}

/** @param {string} name */
export function cookie(name) {
	const found = document.cookie.split('; ').find((c) => c.startsWith(`${name}=`));
	return found ? decodeURIComponent(found.slice(name.length + 1)) : '';
}
