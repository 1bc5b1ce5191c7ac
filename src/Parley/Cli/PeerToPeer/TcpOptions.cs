using System.CommandLine;
using System.Globalization;
using System.Net;
using Parley.Client.Peering.Paths;
using Parley.Protocol.Errors;

namespace Parley.Cli.PeerToPeer;

/// <summary>How this machine is met over TCP: options that all commands from machine to machine share.</summary>
internal static class TcpOptions
{
    /// <summary><c>--port</c>.</summary>
    public static Option<string?> Port { get; } = new("--port") { HelpName = "N[-M]", Description = "The port to open for the other machine, or a range to pick from [default: any]" };

    /// <summary><c>--address</c>.</summary>
    public static Option<string[]> Address { get; } = new("--address") { HelpName = "IP", Description = "Tell the other machine this address instead of those of the interfaces; may be repeated" };

    /// <summary><c>--no-listen</c>.</summary>
    public static Option<bool> NoListen { get; } = new("--no-listen") { Description = "Open no port: only dial" };

    /// <summary>Adds them to a command.</summary>
    public static void AddTo(ParleyCommand command)
    {
        command.Add(Port);
        command.Add(Address);
        command.Add(NoListen);
    }

    /// <summary>What they say.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static TcpPathOptions Of(ParseResult parsed)
    {
        if (!parsed.CommandResult.Command.Options.Contains(Port))
        {
            return new TcpPathOptions();
        }

        return new TcpPathOptions
        {
            Listens = !parsed.GetValue(NoListen),
            Ports = parsed.GetValue(Port) is { } ports ? PortsOf(ports) : default,
            Addresses = [.. (parsed.GetValue(Address) ?? []).Select(AddressOf)],
        };
    }

    private static (int First, int Last) PortsOf(string text)
    {
        var parts = text.Split('-');
        return parts.Length <= 2 && IsPort(parts[0], out var first) && IsPort(parts[^1], out var last) && first <= last
            ? (first, last)
            : throw new ParleyException(ErrorCode.InvalidArgument, "A port is a number from 1 to 65535, a range is two of them: --port 40000-40010.");
    }

    private static bool IsPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort;

    private static IPAddress AddressOf(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new ParleyException(ErrorCode.InvalidArgument, "--address takes an IP address: names are not resolved.");
}
