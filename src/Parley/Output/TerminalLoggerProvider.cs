using Microsoft.Extensions.Logging;

namespace Parley.Output;

/// <summary>Writes log lines to standard error; for people who look for a cause.</summary>
/// <param name="terminal">Where they go.</param>
/// <param name="keep">Keeps what a line of Warning or above says of an exception, and tells where; null when it is kept nowhere.</param>
/// <param name="isAskedFor">False: only lines about an exception are written, which somebody must read though nobody asked for a log.</param>
internal sealed class TerminalLoggerProvider(Terminal terminal, Func<string, Exception, string?> keep, bool isAskedFor) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(terminal, keep, isAskedFor, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class LineLogger(Terminal terminal, Func<string, Exception, string?> keep, bool isAskedFor, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is null && !isAskedFor)
            {
                return;
            }

            var line = $"{logLevel.ToString().ToLowerInvariant()} {category}: {formatter(state, exception)}";
            terminal.Status(exception is null ? line : $"{line} [{exception.GetType().Name}]{WhereKept(logLevel, line, exception)}");
        }

        private string WhereKept(LogLevel level, string line, Exception exception) =>
            level >= LogLevel.Warning && keep(line, exception) is { } path ? $"; its stack is in {path}" : string.Empty;
    }
}
