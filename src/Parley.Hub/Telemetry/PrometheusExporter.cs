using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Parley.Hub.Telemetry;

/// <summary>Turns the process's instruments of one meter factory into Prometheus text (format 0.0.4). Sums are kept here; observable instruments are asked at each scrape.</summary>
/// <remarks>A histogram counts in the buckets that its instrument advises. At most 1,000 series an instrument: a label that explodes must not eat the memory.</remarks>
internal sealed class PrometheusExporter : IDisposable
{
    private const int MaxSeries = 1000;

    // The defaults of the Prometheus clients, in seconds, for an instrument that advises none.
    private static readonly double[] _usualBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <summary>Listens to the meters that the factory made; several hubs in one process keep apart by it.</summary>
    public PrometheusExporter(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name.StartsWith("Parley", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Note(state, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Note(state, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Note(state, value, tags));
        _listener.Start();
    }

    /// <summary>The text of one scrape.</summary>
    public string Collect()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (var (name, family) in _families)
            {
                family.Write(name, text);
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private Family FamilyOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        var kind = type == typeof(Histogram<>) ? Kind.Histogram
            : type == typeof(Counter<>) ? Kind.Counter
            : type == typeof(ObservableCounter<>) ? Kind.ObservableCounter
            : type == typeof(UpDownCounter<>) ? Kind.UpDown
            : Kind.Gauge;
        var name = instrument.Name.Replace('.', '_').Replace('-', '_') + (kind is Kind.Counter or Kind.ObservableCounter ? "_total" : string.Empty);
        lock (_gate)
        {
            return _families[name] = new Family(kind, instrument.Description ?? instrument.Name, kind == Kind.Histogram ? BucketsOf(instrument) : []);
        }
    }

    private static double[] BucketsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => _usualBuckets,
    };

    private void Note(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty && ((Family)state!).TryNoteBare(value))
        {
            return;
        }

        var labels = LabelsOf(tags);
        lock (_gate)
        {
            ((Family)state!).Note(labels, value);
        }
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return string.Empty;
        }

        var text = new StringBuilder("{");
        foreach (var (key, value) in tags)
        {
            var escaped = (value?.ToString() ?? string.Empty).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length > 1 ? "," : string.Empty).Append(key.Replace('.', '_').Replace('-', '_')).Append("=\"").Append(escaped).Append('"');
        }

        return text.Append('}').ToString();
    }

    private enum Kind
    {
        Counter,
        ObservableCounter,
        UpDown,
        Gauge,
        Histogram,
    }

    private sealed class Family(Kind kind, string description, double[] bounds)
    {
        private const double MicrosPerUnit = 1_000_000;

        private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
        private readonly long[] _bareBuckets = new long[bounds.Length];
        private long _bareMicros;
        private long _bareCount;

        /// <summary>Counts a value without labels and without a lock: histograms count on hot paths.</summary>
        public bool TryNoteBare(double value)
        {
            if (kind != Kind.Histogram)
            {
                return false;
            }

            if (BucketOf(value) is var bucket && bucket < bounds.Length)
            {
                Interlocked.Increment(ref _bareBuckets[bucket]);
            }

            Interlocked.Add(ref _bareMicros, (long)(value * MicrosPerUnit));
            Interlocked.Increment(ref _bareCount);
            return true;
        }

        public void Note(string labels, double value)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                if (_series.Count >= MaxSeries)
                {
                    return;
                }

                _series[labels] = series = new Series(new long[bounds.Length]);
            }

            // Observable instruments and gauges tell their whole value, the others a difference.
            series.Sum = kind is Kind.ObservableCounter or Kind.Gauge ? value : series.Sum + value;
            series.Count++;
            if (BucketOf(value) is var bucket && bucket < bounds.Length)
            {
                series.Buckets[bucket]++;
            }
        }

        public void Write(string name, StringBuilder text)
        {
            var type = kind switch { Kind.Counter or Kind.ObservableCounter => "counter", Kind.Histogram => "histogram", _ => "gauge" };
            text.Append("# HELP ").Append(name).Append(' ').Append(description.ReplaceLineEndings(" ")).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            if (_bareCount > 0)
            {
                WriteHistogram(name, string.Empty, _bareBuckets, _bareMicros / MicrosPerUnit, _bareCount, text);
            }

            foreach (var (labels, series) in _series)
            {
                if (kind == Kind.Histogram)
                {
                    WriteHistogram(name, labels, series.Buckets, series.Sum, series.Count, text);
                }
                else
                {
                    Line(text, name, labels, series.Sum);
                }
            }
        }

        // Buckets are cumulative: each counts everything up to its bound.
        private void WriteHistogram(string name, string labels, long[] buckets, double sum, long count, StringBuilder text)
        {
            long below = 0;
            for (var index = 0; index < bounds.Length; index++)
            {
                below += buckets[index];
                Line(text, name + "_bucket", WithBound(labels, bounds[index].ToString("R", CultureInfo.InvariantCulture)), below);
            }

            Line(text, name + "_bucket", WithBound(labels, "+Inf"), count);
            Line(text, name + "_sum", labels, sum);
            Line(text, name + "_count", labels, count);
        }

        private int BucketOf(double value)
        {
            var index = Array.BinarySearch(bounds, value);
            return index < 0 ? ~index : index;
        }

        private static string WithBound(string labels, string bound) => labels.Length == 0 ? $"{{le=\"{bound}\"}}" : $"{labels[..^1]},le=\"{bound}\"}}";

        private static void Line(StringBuilder text, string name, string labels, double value) =>
            text.Append(name).Append(labels).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private sealed class Series(long[] buckets)
    {
        public double Sum { get; set; }

        public long Count { get; set; }

        public long[] Buckets => buckets;
    }
}
