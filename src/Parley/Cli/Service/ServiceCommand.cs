using System.CommandLine;
using Parley.Protocol.Errors;

namespace Parley.Cli.Service;

/// <summary><c>parley service</c>: hub and listeners under systemd.</summary>
internal sealed class ServiceCommand : ParleyCommand
{
    public ServiceCommand()
        : base(
            "service",
            "Run a hub or a listener under systemd",
            new Example("parley service install listen -- --exec /bin/sh", "this home's listener, for this user"),
            new Example("parley service uninstall listen", "stop it and take it away"))
    {
        Add(new ServiceInstallCommand());
        Add(new ServiceUninstallCommand());
    }

    /// <summary><c>hub</c> or <c>listen</c>.</summary>
    public static Argument<string> What()
    {
        var what = new Argument<string>("hub|listen") { Description = "What runs" };
        what.AcceptOnlyFromAmong("hub", "listen");
        return what;
    }

    /// <summary>The unit's name: <c>parley-hub</c>, <c>parley-listen</c>, or the one given.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static string UnitOf(string what, string? name)
    {
        var unit = name ?? $"parley-{what}";
        return unit.Length is > 0 and <= 64 && unit.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
            ? unit
            : throw new ParleyException(ErrorCode.InvalidArgument, "--name is up to 64 letters, digits, - and _; .service is added.");
    }

    /// <summary><c>--system</c>.</summary>
    public static Option<bool> System() => new("--system") { Description = "A unit of the machine instead of this user's" };

    /// <summary><c>--name</c>.</summary>
    public static Option<string?> UnitName() => new("--name") { HelpName = "NAME", Description = "The unit's name [default: parley-hub or parley-listen]" };
}
