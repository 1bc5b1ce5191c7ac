using Microsoft.Extensions.Logging;

namespace Parley.Output;

/// <summary>Writes log lines to standard error; for people who look for a cause.</summary>
internal sealed class TerminalLoggerProvider(Terminal terminal) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(terminal, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class LineLogger(Terminal terminal, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var cause = exception is null ? string.Empty : $" [{exception.GetType().Name}]";
            terminal.Status($"{logLevel.ToString().ToLowerInvariant()} {category}: {formatter(state, exception)}{cause}");
        }
    }
}
