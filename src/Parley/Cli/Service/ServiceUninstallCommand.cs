using System.CommandLine;
using Parley.Protocol.Errors;

namespace Parley.Cli.Service;

/// <summary><c>parley service uninstall</c>: stops a unit and takes it away; homes and data stay.</summary>
internal sealed class ServiceUninstallCommand : ParleyCommand
{
    private readonly Argument<string> _what = ServiceCommand.What();
    private readonly Option<bool> _system = ServiceCommand.System();
    private readonly Option<string?> _name = ServiceCommand.UnitName();

    public ServiceUninstallCommand()
        : base(
            "uninstall",
            "Stop a unit and take it away; homes and data stay",
            new Example("parley service uninstall listen", "this user's listener"),
            new Example("parley service uninstall hub --system", "the machine's hub"))
    {
        Add(_what);
        Add(_system);
        Add(_name);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var place = new UnitPlace(parsed.GetValue(_system), context);
        var unit = ServiceCommand.UnitOf(parsed.GetValue(_what)!, parsed.GetValue(_name));
        if (!File.Exists(place.PathOf(unit)))
        {
            throw new ParleyException(ErrorCode.NotFound, $"There is no unit {place.PathOf(unit)}.");
        }

        var hasSystemd = Directory.Exists("/run/systemd/system");
        if (hasSystemd)
        {
            await place.ControlAsync(cancellationToken, "disable", "--now", unit);
        }

        place.Remove(unit);
        if (hasSystemd)
        {
            await place.ControlAsync(cancellationToken, "daemon-reload");
        }

        context.Terminal.WriteLine(place.PathOf(unit));
        context.Terminal.Note("removed");
        return 0;
    }
}
