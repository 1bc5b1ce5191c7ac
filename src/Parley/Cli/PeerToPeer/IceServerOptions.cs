using System.CommandLine;
using System.Text;
using Parley.Client.Peering.Udp;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Cli.PeerToPeer;

/// <summary>Which servers help two machines to meet over UDP: options that all commands from machine to machine share.</summary>
internal static class IceServerOptions
{
    /// <summary>Holds <c>user:password</c> for the relays.</summary>
    public const string SecretVariable = "PARLEY_ICE_SECRET";

    /// <summary><c>--ice-server</c>.</summary>
    public static Option<string[]> Server { get; } = new("--ice-server")
    {
        HelpName = "URL",
        Description = "Besides the hub's STUN server: stun:HOST[:PORT] tells public addresses, turn:HOST[:PORT] relays, over TCP with ?transport=tcp or over TLS as turns:HOST[:PORT]; may be repeated",
    };

    /// <summary><c>--ice-secret-file</c>.</summary>
    public static Option<string?> SecretFileOption { get; } = new("--ice-secret-file") { HelpName = "F", Description = $"A file of mode 0600 with user:password for the relays [default: ${SecretVariable}]" };

    /// <summary>Adds them to a command.</summary>
    public static void AddTo(ParleyCommand command)
    {
        command.Add(Server);
        command.Add(SecretFileOption);
    }

    /// <summary>What they say.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>; <see cref="ErrorCode.FilePermissions"/>: others may read the secret's file.</exception>
    public static UdpPathOptions Of(CommandContext context, ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Contains(Server) ? new UdpPathOptions { Servers = ServersOf(context, parsed), Ports = TcpOptions.Of(parsed).Ports } : new UdpPathOptions();

    /// <summary>The servers that they name, each relay with its credentials.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>; <see cref="ErrorCode.FilePermissions"/>: others may read the secret's file.</exception>
    public static IReadOnlyList<IceServer> ServersOf(CommandContext context, ParseResult parsed)
    {
        var servers = (parsed.GetValue(Server) ?? []).Select(IceServer.Parse).ToList();
        if (servers.Exists(server => server.IsRelay))
        {
            var secret = (parsed.GetValue(SecretFileOption) is { } file ? Encoding.UTF8.GetString(SecretFile.Read(file)) : context.Environment(SecretVariable))?.Trim();
            if (secret?.Split(':', 2) is not [{ Length: > 0 } user, { Length: > 0 } password])
            {
                throw new ParleyException(ErrorCode.InvalidArgument, $"A relay (turn:) needs user:password, in the file of --ice-secret-file or in {SecretVariable}.");
            }

            servers = [.. servers.Select(server => server.IsRelay ? server with { User = user, Secret = password } : server)];
        }

        return servers;
    }
}
