// A line chart of the last hour.
import { el, setText, svg } from './dom.js';
import { clock } from './format.js';

const width = 720, height = 150, left = 62, bottom = 20, top = 8;

/**
 * A chart of one value per step. Its label is a summary, and the arrow keys move
 * its cursor.
 */
export class Chart {
	#area = svg('path', { class: 'chart-area' });
	#line = svg('path', { class: 'chart-line' });
	#grid = svg('g', { class: 'chart-grid' });
	#cursor = svg('line', { class: 'chart-cursor', y1: top, y2: height - bottom, visibility: 'hidden' });
	#svg = svg('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', class: 'chart-svg', 'aria-hidden': 'true' }, this.#grid, this.#area, this.#line, this.#cursor);
	#labels = el('div', { class: 'chart-labels', 'aria-hidden': 'true' });
	#readout = el('span', { class: 'chart-readout' });
	#frame = el('div', { class: 'chart-frame', tabindex: 0, role: 'img' }, this.#svg, this.#labels);
	/** @type {(number | null)[]} */ #values = [];
	#end = 0;
	#step = 1;
	/** @type {number | null} */ #cursorAt = null;
	element;

	/** @param {{title: string, kind: string, minTop: number, format: (v: number) => string}} options minTop is the smallest top of the scale */
	constructor(options) {
		this.options = options;
		this.element = el('figure', { class: `chart ${options.kind}` }, el('figcaption', {}, el('span', { class: 'chart-title' }, options.title), this.#readout), this.#frame);
		this.#frame.addEventListener('pointermove', (e) => this.#onPointer(e));
		this.#frame.addEventListener('pointerleave', () => this.#moveCursor(null));
		this.#frame.addEventListener('blur', () => this.#moveCursor(null));
		this.#frame.addEventListener('keydown', (e) => this.#onKey(e));
	}

	/** @param {(number | null)[]} values @param {number} end of the last step, in s @param {number} step in s */
	draw(values, end, step) {
		this.#values = values;
		this.#end = end;
		this.#step = step;
		const known = /** @type {number[]} */ (values.filter((v) => v !== null));
		const topValue = niceCeiling(Math.max(this.options.minTop, ...known));
		this.#drawGrid(topValue);
		const [line, area] = this.#paths(topValue);
		this.#line.setAttribute('d', line);
		this.#area.setAttribute('d', area);
		this.#frame.setAttribute('aria-label', this.#summary(known));
		this.#updateReadout();
	}

	/** @param {number} i */
	#x(i) {
		return left + ((i + 0.5) * (width - left)) / this.#values.length;
	}

	/** @param {number} topValue @returns {[string, string]} */
	#paths(topValue) {
		let line = '', area = '', open = false;
		const y = (/** @type {number} */ v) => (height - bottom - (v / topValue) * (height - bottom - top)).toFixed(1);
		this.#values.forEach((v, i) => {
			const x = this.#x(i).toFixed(1);
			if (v === null) {
				if (open) area += `L${this.#x(i - 1).toFixed(1)} ${height - bottom}Z`;
				open = false;
				return;
			}
			line += `${open ? 'L' : 'M'}${x} ${y(v)}`;
			area += `${open ? '' : `M${x} ${height - bottom}`}L${x} ${y(v)}`;
			if (!open && (this.#values[i + 1] ?? null) === null) line += `h.1`;
			open = true;
		});
		if (open) area += `L${this.#x(this.#values.length - 1).toFixed(1)} ${height - bottom}Z`;
		return [line, area];
	}

	/** @param {number} topValue */
	#drawGrid(topValue) {
		const rows = [0, topValue / 2, topValue], span = this.#values.length * this.#step;
		const every = span > 1800 ? 600 : span > 600 ? 180 : 60;
		const lines = [], labels = [];
		for (const v of rows) {
			const y = height - bottom - (v / topValue) * (height - bottom - top);
			lines.push(svg('line', { x1: left, x2: width, y1: y, y2: y }));
			labels.push(place(el('span', { class: 'y' }, v === 0 ? '0' : this.options.format(v)), 0, y));
		}
		for (let back = every; back < span; back += every) {
			const x = width - (back / span) * (width - left);
			lines.push(svg('line', { x1: x, x2: x, y1: top, y2: height - bottom, class: 'fine' }));
			labels.push(place(el('span', { class: 'x' }, `−${back / 60} min`), x, height - 8));
		}
		this.#grid.replaceChildren(...lines);
		this.#labels.replaceChildren(...labels);
	}

	/** @param {number[]} known */
	#summary(known) {
		if (known.length === 0) return `${this.options.title}: no values yet`;
		const f = this.options.format, last = known[known.length - 1];
		return `${this.options.title}: now ${f(last)}, lowest ${f(Math.min(...known))}, highest ${f(Math.max(...known))}. Use the arrow keys to read single values.`;
	}

	/** @param {PointerEvent} e */
	#onPointer(e) {
		const box = this.#frame.getBoundingClientRect();
		const x = ((e.clientX - box.left) / box.width) * width;
		this.#moveCursor(x < left ? null : Math.floor(((x - left) / (width - left)) * this.#values.length));
	}

	/** @param {KeyboardEvent} e */
	#onKey(e) {
		const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60 }[e.key];
		if (by === undefined) return;
		e.preventDefault();
		this.#moveCursor((this.#cursorAt ?? this.#values.length) + by);
	}

	/** @param {number | null} i */
	#moveCursor(i) {
		this.#cursorAt = i === null ? null : Math.max(0, Math.min(this.#values.length - 1, i));
		this.#cursor.setAttribute('visibility', this.#cursorAt === null ? 'hidden' : 'visible');
		if (this.#cursorAt !== null) for (const k of ['x1', 'x2']) this.#cursor.setAttribute(k, this.#x(this.#cursorAt).toFixed(1));
		this.#updateReadout();
	}

	#updateReadout() {
		const i = this.#cursorAt ?? this.#values.findLastIndex((v) => v !== null), v = this.#values[i];
		const when = clock((this.#end - (this.#values.length - i) * this.#step) * 1000);
		if (this.#cursorAt === null) return setText(this.#readout, v === undefined || v === null ? '' : this.options.format(v));
		setText(this.#readout, `${when}  ${v === null || v === undefined ? 'no value' : this.options.format(v)}`);
	}
}

/** @param {HTMLElement} node @param {number} x @param {number} y */
function place(node, x, y) {
	node.style.left = `${(x / width) * 100}%`;
	node.style.top = `${(y / height) * 100}%`;
	return node;
}

/** A round number that is not below v. @param {number} v */
function niceCeiling(v) {
	const ten = 10 ** Math.floor(Math.log10(v));
	return ten * /** @type {number} */ ([1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].find((n) => n * ten >= v * 1.02) ?? 12);
}
