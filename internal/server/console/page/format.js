// Formats numbers and times.

/** @param {number} bits a second */
export function rate(bits) {
	if (!bits) return '–';
	if (bits >= 1e6) return `${(bits / 1e6).toFixed(bits >= 1e8 ? 0 : 2)} Mb/s`;
	return `${(bits / 1e3).toFixed(0)} kb/s`;
}

/** @param {number} ms */
export function millis(ms) {
	if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
	if (ms >= 10) return `${ms.toFixed(0)} ms`;
	if (ms >= 1) return `${ms.toFixed(1)} ms`;
	return `${ms.toFixed(2)} ms`;
}

/** @param {number} n */
export function count(n) {
	return n.toLocaleString('en-GB');
}

/** A number in at most four characters. @param {number} n */
export function brief(n) {
	if (n < 10_000) return String(n);
	if (n < 1e6) return `${Math.floor(n / 1e3)}k`;
	return `${(n / 1e6).toFixed(n < 1e7 ? 1 : 0)}M`;
}

/** @param {number} n @param {string} one @param {string} [many] */
export function plural(n, one, many = `${one}s`) {
	return `${count(n)} ${n === 1 ? one : many}`;
}

/** @param {number} bytes */
export function size(bytes) {
	for (const [unit, at] of /** @type {[string, number][]} */ ([['GB', 1e9], ['MB', 1e6], ['kB', 1e3]])) {
		if (bytes >= at) return `${(bytes / at).toFixed(1)} ${unit}`;
	}
	return `${bytes} B`;
}

/** A duration: 4 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. @param {number} ms */
export function duration(ms) {
	const s = Math.max(0, Math.floor(ms / 1000));
	if (s < 60) return `${s} s`;
	if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
	if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
	return `${Math.floor(s / 86400)} d ${Math.floor(s / 3600) % 24} h`;
}

/** @param {number} ms since 1970 */
export function clock(ms) {
	return new Date(ms).toLocaleTimeString('en-GB');
}
