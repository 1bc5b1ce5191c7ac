using System.CommandLine;
using System.CommandLine.Invocation;
using Parley.Client.Config;
using Parley.Crypto;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Sqlite;

namespace Parley.Cli;

/// <summary>Runs one command line: parses it, runs the command, and turns every way to fail into one line and an exit code.</summary>
internal sealed class Shell(Terminal terminal, Func<string, string?> environment)
{
    /// <summary>Exit code of a command line that does not parse.</summary>
    public const int UsageExit = 2;

    /// <summary>Exit code of a command that the user stopped: 128 + SIGINT.</summary>
    public const int StoppedExit = 130;

    /// <summary>Runs the command that the arguments name.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var root = CommandTree.Build(arguments, terminal, environment);

        // A message that starts with @ is a message: no response files.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return RefuseUsage(parsed);
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = terminal.TextOutput,
                Error = terminal.TextError,
            };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (ParleyException exception)
        {
            terminal.Note($"{exception.Message} ({exception.Row.Fixer})");
            return exception.Row.Exit;
        }
        catch (Exception exception) when (exception is StoreRefusedException or StoreUnavailableException)
        {
            // A journal or a hub's database that cannot be opened; the message says what to do.
            terminal.Note(exception.Message);
            return ErrorMap.Of(ErrorCode.FilePermissions).Exit;
        }
        catch (OpenSslMissingException exception)
        {
            terminal.Note($"{exception.Message} ({ErrorMap.Of(ErrorCode.OpenSslMissing).Fixer})");
            return ErrorMap.Of(ErrorCode.OpenSslMissing).Exit;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Note("stopped");
            return StoppedExit;
        }
        catch (Exception exception)
        {
            new BugFile(() => HomeFolder.Locate(parsed.GetValue(CommonOptions.Home), environment), TimeProvider.System).Tell(terminal, exception);
            return ErrorMap.Of(ErrorCode.Internal).Exit;
        }
        finally
        {
            terminal.Flush();
        }
    }

    private int RefuseUsage(ParseResult parsed)
    {
        foreach (var error in parsed.Errors.Select(error => string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).Distinct())
        {
            terminal.Note(error);
        }

        terminal.Note($"see: {CommandTree.PathOf(parsed.CommandResult.Command)} --help");
        return UsageExit;
    }
}
