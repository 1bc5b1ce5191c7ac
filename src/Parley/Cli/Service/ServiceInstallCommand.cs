using System.CommandLine;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Cli.Service;

/// <summary><c>parley service install</c>: writes a unit, and lets systemd start it.</summary>
internal sealed class ServiceInstallCommand : ParleyCommand
{
    private const string SystemData = "/var/lib/parley";

    private readonly Argument<string> _what = ServiceCommand.What();
    private readonly Argument<string[]> _arguments = new("ARGUMENTS") { Arity = ArgumentArity.ZeroOrMore, Description = "After --: the options of parley hub or parley a2a listen" };
    private readonly Option<bool> _system = ServiceCommand.System();
    private readonly Option<string?> _name = ServiceCommand.UnitName();
    private readonly Option<string?> _runAs = new("--run-as") { HelpName = "USER", Description = "The user of a --system unit" };
    private readonly Option<string?> _program = new("--program") { HelpName = "FILE", Description = "The parley that runs [default: this one]" };
    private readonly Option<bool> _print = new("--print") { Description = "Print the unit and change nothing" };
    private readonly Option<bool> _noStart = new("--no-start") { Description = "Write the unit, and leave the rest to you" };

    public ServiceInstallCommand()
        : base(
            "install",
            "Write a systemd unit for a hub or a listener, and start it",
            new Example("parley service install listen -- --exec /bin/sh", "this home's listener, for this user"),
            new Example("parley service install hub --system --run-as parley -- --tls self --listen https://0.0.0.0:7420 --public-url https://hub.example.org:7420", "a hub of the machine, data in /var/lib/parley"),
            new Example("parley service install hub --print", "what would be written"))
    {
        Add(_what);
        Add(_arguments);
        foreach (var option in new Option[] { _system, _name, _runAs, _program, _print, _noStart, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var what = parsed.GetValue(_what)!;
        var unit = ServiceCommand.UnitOf(what, parsed.GetValue(_name));
        var text = Describe(context, parsed, what).ToString();
        if (parsed.GetValue(_print))
        {
            context.Terminal.Write(text);
            return 0;
        }

        var place = new UnitPlace(parsed.GetValue(_system), context);
        var starts = !parsed.GetValue(_noStart);
        if (starts)
        {
            UnitPlace.RequireSystemd();
        }

        place.Write(unit, text);
        var isStarted = starts && await place.ControlAsync(cancellationToken, "daemon-reload") && await place.ControlAsync(cancellationToken, "enable", "--now", unit);
        var json = new ServiceJson(unit, place.PathOf(unit), isStarted);
        context.Print(json, CliJson.Compact.ServiceJson, static one => one.Path);
        if (isStarted && !parsed.GetValue(_system))
        {
            context.Terminal.Note("it runs while you are logged in; for longer: loginctl enable-linger");
        }

        return isStarted || !starts ? 0 : 1;
    }

    private SystemdUnit Describe(CommandContext context, ParseResult parsed, string what)
    {
        var arguments = parsed.GetValue(_arguments) ?? [];
        var isSystem = parsed.GetValue(_system);
        var runAs = parsed.GetValue(_runAs);
        if (isSystem != (runAs is not null))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, isSystem ? "--system needs --run-as USER." : "--run-as is for units of the machine: add --system.");
        }

        RefuseSecrets(arguments);
        arguments = ServicePaths.MakeFull(arguments);
        var words = what == "hub" ? new[] { "hub" } : ["a2a", "listen"];
        var inner = ParseInner(context, [.. words, .. arguments]);
        var home = isSystem && what == "hub" ? SystemData : Path.GetDirectoryName(context.LocateHome("x"))!;
        List<string> writable = [home];
        if (what == "hub")
        {
            var data = inner.GetValue<string?>("--data");
            arguments = data is null ? [.. arguments, "--data", data = isSystem ? SystemData : Path.Combine(home, "hub")] : arguments;
            writable = [data];
        }
        else if (inner.GetValue<string?>("--save") is { } save)
        {
            writable.Add(save);
        }

        var kind = what == "hub" ? ServiceKind.Hub : IsExec(inner) ? ServiceKind.ExecListener : ServiceKind.Listener;
        return new SystemdUnit(
            kind, [.. Program(parsed.GetValue(_program)), .. words, .. arguments], home, Path.Combine(writable[0], "service.env"),
            kind == ServiceKind.ExecListener ? Environment.CurrentDirectory : writable[0], writable, runAs);
    }

    /// <summary>Lets the command that will run look at its own options: a mistake shows now, not in a journal.</summary>
    private static ParseResult ParseInner(CommandContext context, string[] line)
    {
        var inner = CommandTree.Build(line, context.Terminal, context.Environment).Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (inner.Errors.Count > 0)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"parley {line[0]}: {inner.Errors[0].Message}");
        }

        return inner.CommandResult.Command.Name == (line[0] == "hub" ? "hub" : "listen")
            ? inner
            : throw new ParleyException(ErrorCode.InvalidArgument, $"Only parley hub and parley a2a listen run as a service, not {inner.CommandResult.Command.Name}.");
    }

    private static bool IsExec(ParseResult inner) => inner.GetValue<string?>("--exec") is not null || inner.GetValue<string[]>("COMMAND") is { Length: > 0 };

    private static void RefuseSecrets(IEnumerable<string> arguments)
    {
        foreach (var argument in arguments)
        {
            var hasUser = Uri.TryCreate(argument, UriKind.Absolute, out var address) && address.UserInfo.Length > 0;
            if (hasUser || argument.StartsWith("pk_", StringComparison.Ordinal) || argument.StartsWith("sk-", StringComparison.Ordinal) || argument.StartsWith(JoinString.Prefix, StringComparison.Ordinal))
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "An argument looks like a secret, and units can be read by everyone: put it into service.env, mode 0600, as NAME=VALUE.");
            }
        }
    }

    // A portable copy is run by dotnet; then both belong into the unit.
    private static string[] Program(string? option)
    {
        if (option is not null)
        {
            return [Path.GetFullPath(option)];
        }

        var process = Environment.ProcessPath ?? throw new ParleyException(ErrorCode.Unsupported, "Where this program lies is not known: give --program FILE.");
        return Path.GetFileNameWithoutExtension(process) == "dotnet" ? [process, Path.GetFullPath(Environment.GetCommandLineArgs()[0])] : [process];
    }
}

/// <summary>What <c>service install --json</c> prints.</summary>
internal sealed record ServiceJson(string Unit, string Path, bool Started);
