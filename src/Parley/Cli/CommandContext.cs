using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Output;
using Parley.Protocol.Messaging;

namespace Parley.Cli;

/// <summary>What a running command may touch of the world: terminal, home, clock, randomness, loggers.</summary>
internal sealed class CommandContext(ParseResult parsed, Terminal terminal, Func<string, string?> environment) : IDisposable
{
    private LoggerFactory? _loggers;

    /// <summary>Standard output, standard error, standard input.</summary>
    public Terminal Terminal { get; } = terminal;

    /// <summary>Reads a variable of the environment.</summary>
    public Func<string, string?> Environment { get; } = environment;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = TimeProvider.System;

    /// <summary>The operating system's random bytes.</summary>
    public FillRandom FillRandom { get; } = RandomNumberGenerator.Fill;

    /// <summary>Whether <c>--json</c> was given.</summary>
    public bool IsJson { get; } = parsed.CommandResult.Command.Options.Contains(CommonOptions.Json) && parsed.GetValue(CommonOptions.Json);

    /// <summary>
    /// Loggers. <c>PARLEY_LOG=trace|debug|information|warning|error</c> writes lines to standard error; without it only what failed in a way that nobody foresaw is told there, with its stack in <see cref="BugFile"/>.
    /// </summary>
    public ILoggerFactory Loggers => _loggers ??= MakeLoggers();

    /// <summary>Opens the home folder, making it where there is none.</summary>
    public HomeFolder OpenHome() => HomeFolder.Open(parsed.GetValue(CommonOptions.Home), Environment);

    /// <summary>The level that <c>PARLEY_LOG</c> asks for; null when it asks for none.</summary>
    public LogLevel? LogLevel =>
        Enum.TryParse<LogLevel>(Environment("PARLEY_LOG"), ignoreCase: true, out var level) && level < Microsoft.Extensions.Logging.LogLevel.None ? level : null;

    /// <summary>The value of <c>--home</c>; null when the environment decides.</summary>
    public string? HomeOption => parsed.GetValue(CommonOptions.Home);

    /// <summary>The home folder's path, whether it exists or not.</summary>
    public string LocateHome() => HomeFolder.Locate(HomeOption, Environment);

    /// <summary>The path of something inside the home folder, whether the home exists or not.</summary>
    public string LocateHome(string name) => Path.Combine(LocateHome(), name);

    /// <summary>What keeps stacks in a folder.</summary>
    public BugFile Bugs(Func<string> locate) => new(locate, Time);

    /// <summary>Prints something on standard output: its JSON as a line when that was asked for, else the line for people.</summary>
    public void Print<T>(T value, JsonTypeInfo<T> type, Func<T, string> text)
    {
        if (IsJson)
        {
            Terminal.WriteJson(JsonSerializer.Serialize(value, type));
        }
        else
        {
            Terminal.WriteLine(text(value));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _loggers?.Dispose();

    private LoggerFactory MakeLoggers() => new(
        [new TerminalLoggerProvider(Terminal, Bugs(LocateHome).TryKeep, LogLevel is not null)],
        new LoggerFilterOptions { MinLevel = LogLevel ?? Microsoft.Extensions.Logging.LogLevel.Warning });
}
