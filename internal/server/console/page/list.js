// The page of all channels.
import { button, el, icon, say } from './dom.js';
import { counted, millis, rate } from './format.js';
import { start, startable, stop, stoppable } from './act.js';
import { animate, Ring } from './ring.js';
import { toneOf } from './states.js';

/** @typedef {import('./store.js').Channel} Channel */
/** @typedef {import('./store.js').Store} Store */

/** One channel in the list. */
class Row {
	#ring = new Ring();
	#name = el('a', { class: 'row-name' });
	#source = el('span', { class: 'row-source' });
	#to = el('span', { class: 'row-to' });
	#state = el('span', { class: 'pill' });
	#lap = el('span', { class: 'row-lap' });
	#rate = el('span', { class: 'num' });
	#late = el('span', { class: 'num' });
	#alerts = el('span', { class: 'row-alerts' });
	#toggle = button('play', 'Start', { class: 'quiet' });
	/** @type {Channel} */ channel;
	/** Whether it is in sight. */ seen = true;
	element = el('li', { class: 'row' });

	/** @param {Store} store @param {Channel} c */
	constructor(store, c) {
		this.store = store;
		this.channel = c;
		this.element.append(
			el('div', { class: 'row-ring' }, this.#ring.element),
			el('div', { class: 'row-what' }, this.#name, el('div', { class: 'row-sub' }, this.#source, this.#to)),
			el('div', { class: 'row-state' }, this.#state, this.#lap),
			figure('Bit rate', this.#rate), figure('Late', this.#late), this.#alerts,
			el('div', { class: 'row-act' }, store.steered && this.#toggle));
		this.#toggle.addEventListener('click', () => this.#act());
	}

	async #act() {
		this.#toggle.disabled = true;
		await (startable(this.channel) ? start : stop)(this.channel);
		this.update(this.channel);
	}

	/** @param {Channel} c */
	update(c) {
		this.channel = c;
		const [word, tone] = toneOf(c);
		this.element.dataset.tone = tone;
		say(this.#name, c.name);
		this.#name.setAttribute('href', `#/channels/${encodeURIComponent(c.id)}`);
		say(this.#source, c.source || 'the bundled clip');
		const to = c.pipelines.flatMap((p) => p.to);
		say(this.#to, to.length > 1 ? `${to[0]} and ${to.length - 1} more` : to[0] ?? '');
		say(this.#state, word);
		this.#state.className = `pill ${tone}`;
		this.figures();
		this.alerts();
		const can = startable(c) || stoppable(c), starts = !stoppable(c);
		this.#toggle.disabled = !can;
		this.#toggle.setAttribute('aria-label', `${starts ? 'Start' : 'Stop'} ${c.name}`);
		if (this.#toggle.dataset.is !== String(starts)) {
			this.#toggle.dataset.is = String(starts);
			this.#toggle.replaceChildren(icon(starts ? 'play' : 'stop'), el('span', {}, starts ? 'Start' : 'Stop'));
		}
	}

	figures() {
		const on = this.channel.state === 'RUNNING', f = this.store.figures(this.channel.id);
		say(this.#rate, on ? rate(f.rate || this.channel.pipelines[0]?.bit_rate) : '–');
		say(this.#late, on ? millis(f.late) : '–');
		this.#late.classList.toggle('warn', on && f.late >= 20);
	}

	alerts() {
		const n = this.channel.alerts.length;
		this.#alerts.hidden = n === 0;
		if (n === 0) return this.#alerts.replaceChildren();
		const text = counted(n, 'alert');
		if (this.#alerts.textContent !== text) this.#alerts.replaceChildren(icon('alert'), text);
		this.#alerts.title = this.channel.alerts.map((a) => a.message).join('\n');
	}

	draw() {
		if (!this.seen) return;
		const on = this.channel.state === 'RUNNING', at = this.store.lap(this.channel);
		this.#ring.draw(at, on);
		say(this.#lap, on ? `lap ${at.lap.toLocaleString('en-GB')}` : '');
	}

	/** @param {string} words @param {string} which */
	matches(words, which) {
		const [, tone] = toneOf(this.channel);
		if (which === 'on' && tone !== 'on') return false;
		if (which === 'off' && tone === 'on') return false;
		if (which === 'alerts' && this.channel.alerts.length === 0) return false;
		const all = [this.channel.name, this.channel.id, this.channel.source, ...this.channel.pipelines.flatMap((p) => p.to)].join('\n').toLowerCase();
		return words.split(/\s+/).every((w) => all.includes(w));
	}

	focus() {
		this.#name.focus();
		this.element.scrollIntoView({ block: 'nearest' });
	}
}

/** @param {string} label @param {Element} value */
function figure(label, value) {
	return el('div', { class: 'row-figure' }, el('span', { class: 'label' }, label), value);
}

/** The page of all channels. */
export class List {
	/** @type {Map<string, Row>} */ #rows = new Map();
	#list = el('ul', { class: 'rows', 'aria-label': 'Channels' });
	#summary = el('p', { class: 'summary' });
	#filter = /** @type {HTMLInputElement} */ (el('input', { type: 'search', placeholder: 'Name, source or address', 'aria-label': 'Find channels', autocomplete: 'off', spellcheck: 'false' }));
	#which = 'all';
	#tabs = el('div', { class: 'tabs', role: 'group', 'aria-label': 'Show' });
	#tools = el('div', { class: 'tools' });
	#none = el('p', { class: 'notice' }, 'No channel is like that.');
	#empty = el('div');
	#sight = new IntersectionObserver((all) => this.#see(all), { rootMargin: '200px' });
	#end = () => {};
	title = 'Channels';
	element = el('section', { class: 'list' });

	/** @param {Store} store @param {{create: () => void, clip: () => Promise<void>}} actions */
	constructor(store, actions) {
		this.store = store;
		this.actions = actions;
		this.#filter.addEventListener('input', () => this.#sift());
		for (const [which, label] of [['all', 'All'], ['on', 'On air'], ['off', 'Off air'], ['alerts', 'With alerts']]) {
			const b = button('', label, { 'aria-pressed': String(which === 'all') });
			b.addEventListener('click', () => this.#choose(which, b));
			this.#tabs.append(b);
		}
		this.#tools.append(el('label', { class: 'search' }, icon('search'), this.#filter), this.#tabs);
		this.element.append(el('div', { class: 'list-head' }, el('h1', { tabindex: -1 }, 'Channels'), this.#summary), this.#tools, this.#list, this.#none, this.#empty);
	}

	mount() {
		this.update(new Set(), true);
		this.#end = animate(() => this.#rows.forEach((r) => r.draw()));
	}

	unmount() {
		this.#end();
		this.#sight.disconnect();
	}

	/** @param {Set<string>} ids @param {boolean} all */
	update(ids, all) {
		if (all) this.#begin();
		else for (const id of ids) this.#one(id);
		this.#summarise();
		this.#sift();
	}

	/** Takes all channels anew, keeping the rows of those that are still there. */
	#begin() {
		for (const id of this.#rows.keys()) if (!this.store.channels.has(id)) this.#one(id);
		for (const id of this.store.channels.keys()) this.#one(id);
	}

	/** @param {string} id */
	#one(id) {
		const c = this.store.channels.get(id);
		let row = this.#rows.get(id);
		if (!c) {
			if (row) this.#sight.unobserve(row.element);
			row?.element.remove();
			this.#rows.delete(id);
			return;
		}
		if (!row) {
			row = new Row(this.store, c);
			this.#rows.set(id, row);
			this.#list.append(row.element);
			this.#sight.observe(row.element);
			row.update(c);
		} else if (row.channel !== c) {
			row.update(c);
		} else if (row.seen) {
			row.figures();
		}
	}

	/** @param {IntersectionObserverEntry[]} all */
	#see(all) {
		const rows = new Map([...this.#rows.values()].map((r) => [/** @type {Element} */ (r.element), r]));
		for (const e of all) {
			const row = rows.get(e.target);
			if (!row) continue;
			row.seen = e.isIntersecting;
			if (row.seen) row.figures();
		}
	}

	#summarise() {
		const all = [...this.store.channels.values()], on = all.filter((c) => c.state === 'RUNNING');
		const bits = on.reduce((sum, c) => sum + c.pipelines.reduce((s, p, i) => s + this.store.figures(c.id, i).rate * Math.max(1, p.to.length), 0), 0);
		const alerts = all.reduce((sum, c) => sum + c.alerts.length, 0);
		say(this.#summary, [`${on.length} on air`, `${all.length - on.length} off air`, bits > 0 && rate(bits), alerts > 0 && counted(alerts, 'alert')].filter(Boolean).join('  ·  '));
		const empty = this.store.loaded && all.length === 0;
		this.#summary.hidden = all.length === 0;
		this.#tools.hidden = all.length < 6;
		if (empty !== this.#empty.hasChildNodes()) this.#empty.replaceChildren(...(empty ? [this.#welcome()] : []));
	}

	#sift() {
		const words = this.#tools.hidden ? '' : this.#filter.value.trim().toLowerCase();
		let shown = 0;
		for (const row of this.#rows.values()) {
			const fits = this.#tools.hidden || row.matches(words, this.#which);
			row.element.hidden = !fits;
			if (fits) shown++;
		}
		this.#none.hidden = shown > 0 || this.#rows.size === 0;
	}

	/** @param {string} which @param {HTMLElement} pressed */
	#choose(which, pressed) {
		this.#which = which;
		for (const b of this.#tabs.children) b.setAttribute('aria-pressed', String(b === pressed));
		this.#sift();
	}

	/** What a newcomer sees. */
	#welcome() {
		const clip = button('play', 'Play the bundled clip', { class: 'primary big' });
		clip.addEventListener('click', async () => {
			clip.disabled = true;
			await this.actions.clip();
			clip.disabled = false;
		});
		const own = button('plus', 'Use a file of my own', { class: 'big', onclick: () => this.actions.create() });
		const ring = new Ring();
		ring.draw({ lap: 1, position: 4, length: 10 }, true);
		return el('div', { class: 'welcome' },
			el('div', { class: 'welcome-ring' }, ring.element),
			el('h2', {}, 'No channel yet'),
			el('p', {}, 'A channel plays an MP4 for ever, as an encoder at work would: a transport stream in which nothing tells where the file ends.'),
			this.store.steered
				? el('div', { class: 'welcome-act' }, clip, own)
				: el('p', { class: 'muted' }, 'The channel here has ended.'),
			this.store.steered && el('p', { class: 'muted' }, 'The clip goes to ', el('code', {}, 'rtp://127.0.0.1:5000'), ' on this machine, and plays on its page here.'));
	}

	/** Goes to the row after or before the one that has the focus. @param {number} by */
	step(by) {
		const rows = [...this.#rows.values()].filter((r) => !r.element.hidden);
		const at = rows.findIndex((r) => r.element.contains(document.activeElement));
		rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))]?.focus();
	}

	find() {
		if (!this.#tools.hidden) this.#filter.focus();
	}
}
