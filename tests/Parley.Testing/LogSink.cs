using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Parley.Testing;

/// <summary>Records every log line of a test, at Trace; disposing fails the test when a Warning or Error came that the test did not announce.</summary>
public sealed class LogSink : ILoggerProvider
{
    /// <summary>Lines that say something about the machine and nothing about Parley.</summary>
    private static readonly (string Category, string Event, string Why)[] _noise =
    [
        ("Microsoft.AspNetCore.Server.Kestrel", "HeartbeatSlow", "Kestrel's timer was late: the machine is busy"),
    ];

    private readonly ConcurrentQueue<LogLine> _lines = new();
    private readonly List<Predicate<LogLine>> _allowed = [];
    private ILoggerFactory? _factory;
    private bool _isChecked;

    /// <summary>Everything that was logged so far.</summary>
    public IReadOnlyCollection<LogLine> Lines => _lines;

    /// <summary>Loggers that write here.</summary>
    public ILoggerFactory Factory => _factory ??= LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new Forwarder(this)));

    /// <summary>Announces Warnings and Errors whose text contains this.</summary>
    public void Allow(string textPart) => Allow(line => line.Text.Contains(textPart, StringComparison.Ordinal));

    /// <summary>Announces Warnings and Errors for which this holds.</summary>
    public void Allow(Predicate<LogLine> lines)
    {
        lock (_allowed)
        {
            _allowed.Add(lines);
        }
    }

    /// <summary>Fails when something was logged as Warning or above that was not announced.</summary>
    /// <exception cref="InvalidOperationException">With the lines.</exception>
    public void AssertQuiet()
    {
        var loud = _lines.Where(line => line.Level >= LogLevel.Warning && !IsAnnounced(line)).ToArray();
        if (loud.Length > 0)
        {
            throw new InvalidOperationException("Unannounced log lines (LogSink.Allow announces one):\n" + string.Join('\n', loud.Select(line => line.ToString())));
        }
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    /// <summary>Fails the test as <see cref="AssertQuiet"/> does.</summary>
    public void Dispose()
    {
        if (_isChecked)
        {
            return;
        }

        _isChecked = true;
        _factory?.Dispose();
        AssertQuiet();
    }

    /// <summary>All lines, for a failure message or a search for a secret.</summary>
    public override string ToString() => string.Join('\n', _lines.Select(line => line.ToString()));

    private bool IsAnnounced(LogLine line)
    {
        lock (_allowed)
        {
            return _allowed.Any(allowed => allowed(line)) ||
                _noise.Any(noise => line.Category.StartsWith(noise.Category, StringComparison.Ordinal) && line.Event == noise.Event);
        }
    }

    // A factory disposes its providers; the sink outlives every factory that it serves.
    private sealed class Forwarder(LogSink sink) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => sink.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }

    private sealed class Recorder(LogSink sink, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = new StringBuilder(formatter(state, exception));
            if (exception is not null)
            {
                text.Append('\n').Append(exception);
            }

            sink._lines.Enqueue(new LogLine(logLevel, category, eventId.Name ?? string.Empty, text.ToString()));
        }
    }
}
