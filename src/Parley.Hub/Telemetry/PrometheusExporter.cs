using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Parley.Hub.Telemetry;

/// <summary>Turns the process's instruments of one meter factory into Prometheus text (format 0.0.4). Sums are kept here; observable instruments are asked at each scrape.</summary>
/// <remarks>A histogram becomes count and sum. At most 1,000 series an instrument: a label that explodes must not eat the memory.</remarks>
internal sealed class PrometheusExporter : IDisposable
{
    private const int MaxSeries = 1000;

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
            return _families[name] = new Family(kind, instrument.Description ?? instrument.Name);
        }
    }

    private void Note(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
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

    private sealed class Family(Kind kind, string description)
    {
        private readonly SortedDictionary<string, (double Sum, long Count)> _series = new(StringComparer.Ordinal);

        public void Note(string labels, double value)
        {
            if (!_series.TryGetValue(labels, out var present) && _series.Count >= MaxSeries)
            {
                return;
            }

            // Observable instruments and gauges tell their whole value, the others a difference.
            _series[labels] = kind is Kind.ObservableCounter or Kind.Gauge ? (value, 1) : (present.Sum + value, present.Count + 1);
        }

        public void Write(string name, StringBuilder text)
        {
            var type = kind switch { Kind.Counter or Kind.ObservableCounter => "counter", Kind.Histogram => "summary", _ => "gauge" };
            text.Append("# HELP ").Append(name).Append(' ').Append(description.ReplaceLineEndings(" ")).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            foreach (var (labels, (sum, count)) in _series)
            {
                if (kind == Kind.Histogram)
                {
                    Line(text, name + "_count", labels, count);
                    Line(text, name + "_sum", labels, sum);
                }
                else
                {
                    Line(text, name, labels, sum);
                }
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value) =>
            text.Append(name).Append(labels).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
