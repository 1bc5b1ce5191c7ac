using System.CommandLine;
using System.Text;
using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.Client.Discovery;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Cli.A2a.Remote;

/// <summary>The options of commands that talk to agents by their address.</summary>
internal sealed class RemoteOptions
{
    /// <summary>Holds the token, key, or <c>user:password</c>.</summary>
    public const string TokenVariable = "PARLEY_A2A_TOKEN";

    private readonly Option<string?> _binding = new("--binding") { HelpName = "B,...", Description = "For a2a:URL: jsonrpc, rest or grpc, the preferred one first [default: the order of its card]" };
    private readonly Option<string?> _version = new("--a2a-version") { HelpName = "V", Description = "For a2a:URL: 1.0 or 0.3 only [default: 1.0 where the card has it]" };
    private readonly Option<string?> _tokenFile = new("--token-file") { HelpName = "F", Description = $"For a2a:URL: a file of mode 0600 with the token [default: ${TokenVariable}]" };
    private readonly Option<string?> _auth = new("--auth") { HelpName = "A", Description = "For a2a:URL: how the token is given: bearer, basic (the token is user:password), or the name of a header [default: bearer]" };

    /// <summary>The options, to be added to a command.</summary>
    public IEnumerable<Option> All => [_binding, _version, _tokenFile, _auth];

    /// <summary>Those of a command that reads a card and speaks to no interface of it.</summary>
    public IEnumerable<Option> Proof => [_tokenFile, _auth];

    /// <summary>Which interfaces are wanted.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public A2aPreferences Preferences(ParseResult parsed)
    {
        var bindings = (parsed.GetValue(_binding) ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => BindingNames.Find(name) ?? throw Wrong("--binding is jsonrpc, rest or grpc, or several of them with commas.")).ToList();
        var wanted = new A2aPreferences { Bindings = bindings };
        return parsed.GetValue(_version) switch
        {
            null => wanted,
            "1.0" or "1" => wanted with { Versions = [A2aVersion.V1] },
            "0.3" => wanted with { Versions = [A2aVersion.V03] },
            _ => throw Wrong("--a2a-version is 1.0 or 0.3."),
        };
    }

    /// <summary>Who calls; null without a token.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the token would travel in clear text; <see cref="ErrorCode.FilePermissions"/>: others may read its file.</exception>
    public IA2aCredentials? Credentials(CommandContext context, ParseResult parsed, Uri address)
    {
        var token = parsed.GetValue(_tokenFile) is { } file ? Encoding.UTF8.GetString(SecretFile.Read(file)) : context.Environment(TokenVariable);
        token = token?.Trim();
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        if (address.Scheme != Uri.UriSchemeHttps && !RemoteTarget.IsLoopback(address))
        {
            throw Wrong("A token is not sent to another machine in clear text: use an https address.");
        }

        return new HostCredentials(address, (parsed.GetValue(_auth) ?? "bearer", token.Split(':', 2)) switch
        {
            ("bearer", _) => A2aCredential.Bearer(token),
            ("basic", [var user, var password]) => A2aCredential.Basic(user, password),
            ("basic", _) => throw Wrong("With --auth basic the token is user:password."),
            (var header, _) => A2aCredential.ApiKey(header, token),
        });
    }

    private static ParleyException Wrong(string message) => new(ErrorCode.InvalidArgument, message);
}
