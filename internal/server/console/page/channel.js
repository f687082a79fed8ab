// The page of one channel.
import { announce, button, copyable, el, icon, say } from './dom.js';
import { clock, count, millis, rate, span } from './format.js';
import { confirmRemoval, removable, remove, start, startable, stop, stoppable } from './act.js';
import { Chart } from './chart.js';
import { Player } from './player.js';
import { animate, Ring } from './ring.js';
import { isPaused, toneOf } from './states.js';
import { ask } from './store.js';

/** @typedef {import('./store.js').Channel} Channel */
/** @typedef {import('./store.js').Store} Store */

const hour = 3600;
const spans = /** @type {[number, string][]} */ ([[300, '5 min'], [900, '15 min'], [hour, '1 hour']]);

/** The page of one channel. */
export class ChannelPage {
	#ring = new Ring();
	#name = el('h1', { tabindex: -1 });
	#state = el('span', { class: 'pill' });
	#since = el('span', { class: 'muted' });
	#toggle = button('play', 'Start', { class: 'primary' });
	#delete = button('trash', 'Delete', { class: 'danger-quiet' });
	#alerts = el('ul', { class: 'alerts', 'aria-label': 'Alerts' });
	#player = new Player();
	#lap = el('span', { class: 'lap-number' });
	#position = el('span', { class: 'lap-position' });
	#stats = /** @type {Record<string, HTMLElement>} */ ({});
	#outputs = el('div', { class: 'outputs' });
	#rates = new Chart({ title: 'Bit rate', kind: 'rates', least: 1e5, format: rate });
	#lates = new Chart({ title: 'Lateness', kind: 'lates', least: 2, format: millis });
	#document = el('div', { class: 'json' });
	#deploy = el('div', { class: 'deploy' });
	#facts = el('dl', { class: 'facts' });
	/** @type {(number | null)[]} */ #rateOf = new Array(hour).fill(null);
	/** @type {(number | null)[]} */ #lateOf = new Array(hour).fill(null);
	#end = 0;
	#range = hour;
	#fitted = false;
	#ranges = el('div', { class: 'tabs', role: 'group', 'aria-label': 'Time shown' });
	#loaded = '';
	#hls = '';
	#stopDrawing = () => {};
	#asked = new AbortController();
	element = el('article', { class: 'channel' });

	/** @param {Store} store @param {string} id @param {() => void} leave */
	constructor(store, id, leave) {
		this.store = store;
		this.id = id;
		this.leave = leave;
		this.#toggle.addEventListener('click', () => this.toggle());
		this.#delete.addEventListener('click', () => this.remove());
		this.#build();
	}

	get title() {
		return this.store.channels.get(this.id)?.name ?? 'Channel';
	}

	#build() {
		for (const [seconds, label] of spans) {
			const b = button('', label, { value: seconds, 'aria-pressed': String(seconds === this.#range) });
			b.addEventListener('click', () => this.#choose(seconds));
			this.#ranges.append(b);
		}
		this.element.append(
			el('a', { class: 'back', href: '#/' }, icon('back'), 'Channels'),
			el('header', { class: 'channel-head' },
				el('div', { class: 'channel-name' }, this.#name, el('p', {}, this.#state, this.#since)),
				this.store.steered && el('div', { class: 'channel-act' }, this.#toggle, this.#delete)),
			this.#alerts,
			el('div', { class: 'stage' }, el('section', { class: 'card stage-player', 'aria-label': 'Preview' }, this.#player.element), this.#panel()),
			section('Over time', this.#ranges, this.#rates.element, this.#lates.element),
			section('Destinations', null, this.#outputs),
			el('div', { class: 'halves' },
				section('On AWS', null, this.#deploy),
				section('As MediaLive has it', null, this.#document)));
	}

	/** The card beside the preview. */
	#panel() {
		const stat = (/** @type {string} */ key, /** @type {string} */ label) => {
			this.#stats[key] = el('dd', {}, '–');
			return el('div', { class: 'stat' }, el('dt', {}, label), this.#stats[key]);
		};
		return el('section', { class: 'card panel', 'aria-label': 'How it fares' },
			el('div', { class: 'lap' }, el('div', { class: 'lap-ring' }, this.#ring.element), el('div', { class: 'lap-text' }, el('span', { class: 'label' }, 'Lap'), this.#lap, this.#position)),
			el('dl', { class: 'stats' }, stat('rate', 'Bit rate'), stat('late', 'Late, last second'), stat('p999', 'Late, 99.9 %'),
				stat('datagrams', 'Datagrams sent'), stat('dropped', 'Dropped'), stat('starved', 'Read too late')),
			this.#facts);
	}

	mount() {
		this.update(new Set([this.id]), true);
		this.#stopDrawing = animate(() => this.#draw());
		this.#past();
	}

	unmount() {
		this.#stopDrawing();
		this.#asked.abort();
		this.#player.end();
	}

	/** @param {Set<string>} ids @param {boolean} all */
	update(ids, all) {
		if (!ids.has(this.id) && !all) return this.#sample(null, null);
		const c = this.store.channels.get(this.id);
		if (!c) return this.store.loaded && this.#gone();
		if (all && this.#end) this.#past();
		const [word, tone] = toneOf(c);
		say(this.#name, c.name);
		say(this.#state, word);
		this.#state.className = `pill ${tone}`;
		this.#buttons(c);
		this.#warn(c);
		this.#figures(c);
		this.#watch(c);
		const key = JSON.stringify([c.name, c.source, c.state, c.pipelines.map((p) => [p.to, p.epoch])]);
		if (key !== this.#loaded) {
			this.#loaded = key;
			this.#load(c);
		}
	}

	#gone() {
		announce('The channel is gone');
		this.leave();
	}

	/** @param {Channel} c */
	#buttons(c) {
		const starts = !stoppable(c);
		this.#toggle.disabled = !startable(c) && !stoppable(c);
		this.#delete.disabled = !removable(c);
		if (this.#toggle.dataset.is === String(starts)) return;
		this.#toggle.dataset.is = String(starts);
		this.#toggle.className = starts ? 'primary' : '';
		this.#toggle.replaceChildren(icon(starts ? 'play' : 'stop'), el('span', {}, starts ? 'Start' : 'Stop'));
	}

	/** @param {Channel} c */
	#warn(c) {
		const texts = c.alerts.map((a) => a.message);
		for (const p of c.pipelines) if (p.last_error && !texts.some((t) => t.includes(/** @type {string} */ (p.last_error)))) texts.push(p.last_error);
		const key = texts.join('\n');
		this.#alerts.hidden = texts.length === 0;
		if (this.#alerts.dataset.is === key) return;
		this.#alerts.dataset.is = key;
		this.#alerts.replaceChildren(...texts.map((t) => el('li', {}, icon('alert'), el('span', {}, t))));
	}

	/** @param {Channel} c */
	#figures(c) {
		const on = c.state === 'RUNNING', f = this.store.figures(this.id);
		const all = c.pipelines.map((_, i) => this.store.figures(this.id, i));
		const sum = (/** @type {'datagrams' | 'dropped' | 'starved'} */ key) => all.reduce((s, x) => s + x[key], 0);
		const late = Math.max(0, ...all.map((x) => x.late)), p999 = Math.max(0, ...all.map((x) => x.p999));
		say(this.#stats.rate, on ? rate(f.rate || c.pipelines[0]?.bit_rate) : '–');
		say(this.#stats.late, on ? millis(late) : '–');
		say(this.#stats.p999, on ? millis(p999) : '–');
		for (const key of /** @type {const} */ (['datagrams', 'dropped', 'starved'])) say(this.#stats[key], on ? count(sum(key)) : '–');
		this.#stats.dropped.classList.toggle('warn', on && sum('dropped') > 0);
		this.#stats.starved.classList.toggle('warn', on && sum('starved') > 0);
		this.#sample(on && f.rate ? f.rate : null, on ? late : null);
	}

	/** Adds what is now to the charts, once a second. @param {number | null} bits @param {number | null} late */
	#sample(bits, late) {
		const second = Math.floor(this.store.now() / 1000);
		if (!this.#end || second < this.#end) return;
		const missed = second - this.#end > 1; // One second may be missed: no tick is exact.
		for (; this.#end < second; this.#end++) {
			this.#rateOf.push(missed ? null : bits);
			this.#lateOf.push(missed ? null : late);
		}
		this.#rateOf.push(bits);
		this.#lateOf.push(late);
		this.#end++;
		this.#rateOf.splice(0, this.#rateOf.length - hour);
		this.#lateOf.splice(0, this.#lateOf.length - hour);
		this.#chart();
	}

	async #past() {
		try {
			const past = await ask('GET', `/console/channels/${encodeURIComponent(this.id)}/history`, undefined, this.#asked.signal);
			this.#rateOf = past.rate;
			this.#lateOf = past.late;
			this.#end = past.end;
			this.#fit();
			this.#chart();
		} catch { /* The charts begin now. */
			this.#end ||= Math.floor(this.store.now() / 1000);
		}
	}

	/** @param {number} seconds */
	#choose(seconds) {
		this.#range = seconds;
		for (const b of /** @type {NodeListOf<HTMLButtonElement>} */ (this.#ranges.querySelectorAll('button'))) b.setAttribute('aria-pressed', String(b.value === String(seconds)));
		this.#chart();
	}

	/** Shows as much of the hour as there is, when the page is opened. */
	#fit() {
		if (this.#fitted) return;
		this.#fitted = true;
		const first = this.#lateOf.findIndex((v) => v !== null), known = first < 0 ? 0 : this.#lateOf.length - first;
		this.#choose((spans.find(([seconds]) => known <= seconds) ?? spans[spans.length - 1])[0]);
	}

	#chart() {
		const step = Math.max(1, this.#range / 300);
		// Steps begin at whole multiples, so that what is past stands still while time goes on.
		const cut = step === 1 ? 0 : this.#end % step;
		const shown = (/** @type {(number | null)[]} */ v, /** @type {(all: number[]) => number} */ sum) => {
			const from = v.length - cut - this.#range + (cut ? step : 0), out = [];
			for (let i = from; i < v.length; i += step) {
				const some = /** @type {number[]} */ (v.slice(Math.max(0, i), Math.max(0, i + step)).filter((x) => x !== null));
				out.push(some.length ? sum(some) : null);
			}
			return out;
		};
		const end = this.#end - cut + (cut ? step : 0);
		this.#rates.draw(shown(this.#rateOf, (all) => all.reduce((s, x) => s + x, 0) / all.length), end, step);
		this.#lates.draw(shown(this.#lateOf, (all) => Math.max(...all)), end, step);
	}

	/** Has the preview play while the channel is on air. @param {Channel} c */
	#watch(c) {
		if (c.state === 'RUNNING' && this.#hls) return this.#player.play(`${this.#hls}?since=${c.pipelines[0]?.epoch ?? 0}`);
		if (c.state === 'RUNNING') return undefined;
		const words = c.state === 'IDLE' ? 'Off air' : toneOf(c)[0];
		let more;
		if (c.state === 'IDLE' && this.store.steered) {
			more = button('play', 'Start', { class: 'primary' });
			more.addEventListener('click', () => this.toggle());
		}
		return this.#player.stop(words, more);
	}

	/** Asks for what does not move. @param {Channel} c */
	async #load(c) {
		try {
			const d = await ask('GET', `/console/channels/${encodeURIComponent(this.id)}`, undefined, this.#asked.signal);
			this.#hls = d.hls;
			this.#watch(this.store.channels.get(this.id) ?? c);
			this.#showOutputs(d);
			this.#showDeploy(d.deploy);
			this.#showFacts(c, d);
		} catch (err) {
			if (this.#asked.signal.aborted) return;
			this.#outputs.replaceChildren(el('p', { class: 'notice' }, /** @type {Error} */ (err).message));
		}
		this.#showDocument();
	}

	/** @param {any} d */
	#showOutputs(d) {
		const parts = d.outputs.map((/** @type {any[]} */ all, /** @type {number} */ i) => [
			d.outputs.length > 1 && el('h3', {}, `Pipeline ${i}`),
			all.map((o) => output(o)),
		]);
		const hls = new URL(d.hls, location.href).href;
		this.#outputs.replaceChildren(...parts.flat(3).filter(Boolean), el('div', { class: 'output' },
			el('div', { class: 'output-head' }, el('strong', {}, 'HLS'), el('span', { class: 'muted' }, 'for browsers and players, while it is on air')),
			copyable(hls, 'the address of the HLS playlist'), copyable(`ffplay ${hls}`, 'the ffplay command of HLS', 'ffplay')));
	}

	/** @param {{command: string, notes: string[]}} d */
	#showDeploy(d) {
		this.#deploy.replaceChildren(el('p', { class: 'muted' }, 'The same channel on AWS Elemental MediaLive:'), copyable(d.command, 'the deploy command'),
			...(d.notes.length ? [el('ul', { class: 'notes' }, d.notes.map((n) => el('li', {}, n)))] : []));
	}

	/** @param {Channel} c @param {any} d */
	#showFacts(c, d) {
		const facts = [['Source', d.clip ? 'the bundled clip' : c.source], ['Encoding', d.encode || 'as it is'], ['Mux rate', d.muxrate]];
		const epoch = c.pipelines[0]?.epoch;
		if (epoch && c.state === 'RUNNING') facts.push(['Epoch', new Date(epoch).toISOString().replace('.000Z', 'Z')]);
		facts.push(['ID', c.id]);
		this.#facts.replaceChildren(...facts.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, v)]));
	}

	async #showDocument() {
		try {
			const text = JSON.stringify(await ask('GET', `/console/channels/${encodeURIComponent(this.id)}/document`, undefined, this.#asked.signal), null, 2);
			this.#document.replaceChildren(copyableBlock(text, this.store.steered ? 'What DescribeChannel answers' : 'What CreateChannel takes'));
		} catch (err) {
			if (!this.#asked.signal.aborted) this.#document.replaceChildren(el('p', { class: 'muted' }, /** @type {Error} */ (err).message));
		}
	}

	#draw() {
		const c = this.store.channels.get(this.id);
		if (!c) return;
		const on = c.state === 'RUNNING', at = this.store.lap(c);
		this.#ring.draw(at, on);
		say(this.#lap, on ? count(at.lap) : '–');
		say(this.#position, on && at.length ? `${at.position.toFixed(1)} of ${at.length.toFixed(at.length % 1 ? 2 : 1)} s` : 'not playing');
		say(this.#since, c.since ? (isPaused(c) ? '' : `for ${span(this.store.now() - c.since)}`) : '');
		this.#since.title = c.since ? `since ${clock(c.since)}` : '';
	}

	async toggle() {
		const c = this.store.channels.get(this.id);
		if (!c || !this.store.steered || this.#toggle.disabled) return;
		this.#toggle.disabled = true;
		await (startable(c) ? start : stop)(c);
		this.#buttons(this.store.channels.get(this.id) ?? c);
	}

	async remove() {
		const c = this.store.channels.get(this.id);
		if (!c || !this.store.steered || !(await confirmRemoval(c))) return;
		if (await remove(c)) this.leave();
	}

	mute() {
		this.#player.mute();
	}

	full() {
		this.#player.full();
	}
}

/** @param {string} title @param {Element | null} tools @param {...Element} body */
function section(title, tools, ...body) {
	return el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', {}, title), tools), ...body);
}

/** @param {{url: string, watch: string[], sdp?: string}} o */
function output(o) {
	const players = ['ffplay', 'VLC'];
	return el('div', { class: 'output' },
		el('div', { class: 'output-head' }, el('strong', {}, o.url),
			o.sdp && el('a', { class: 'button quiet small', href: o.sdp, download: true }, icon('file'), el('span', {}, 'SDP file'))),
		o.watch.map((w, i) => copyable(w, `the ${players[i]} command of ${o.url}`, players[i])));
}

/** A long text in a box of its own. @param {string} text @param {string} what */
function copyableBlock(text, what) {
	const head = copyable(text, 'the MediaLive JSON');
	const copy = /** @type {Element} */ (head.querySelector('button'));
	return el('div', {}, el('div', { class: 'json-head' }, el('span', { class: 'muted' }, what), copy),
		el('pre', { tabindex: 0, 'aria-label': 'MediaLive JSON' }, text));
}
