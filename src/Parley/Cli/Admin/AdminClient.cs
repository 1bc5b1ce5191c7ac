using System.CommandLine;
using System.Text;
using Parley.Cli.Hosting;
using Parley.Cli.Rooms;
using Parley.Client.Config;
using Parley.Client.HubApi;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Identity;

namespace Parley.Cli.Admin;

/// <summary>Finds the hub and the admin key of <c>parley admin</c>: a data folder on this machine, or an address and a key from the environment or a file.</summary>
internal static class AdminClient
{
    /// <summary>The variable that holds the admin key.</summary>
    public const string KeyVariable = "PARLEY_ADMIN_KEY";

    private const string KeyFileName = "admin.key";

    /// <summary><c>--data</c>.</summary>
    public static Option<string?> Data { get; } = new("--data") { HelpName = "DIR", Recursive = true, Description = "The data folder of a hub on this machine [default: HOME/hub]" };

    /// <summary><c>--hub-data</c>: the same, for commands whose <c>--data</c> is something that is said.</summary>
    public static Option<string?> HubData { get; } = new("--hub-data") { HelpName = "DIR", Recursive = true, Description = Data.Description };

    /// <summary><c>--hub</c>.</summary>
    public static Option<string?> Hub { get; } = new("--hub") { HelpName = "URL", Recursive = true, Description = $"The address of a hub; its key is in ${KeyVariable} or --key-file" };

    /// <summary><c>--key-file</c>.</summary>
    public static Option<string?> KeyFile { get; } = new("--key-file") { HelpName = "FILE", Recursive = true, Description = "A file of mode 0600 that holds the admin key" };

    /// <summary><c>--pin</c>.</summary>
    public static Option<string?> Pin { get; } = new("--pin") { HelpName = "PIN", Recursive = true, Description = "With --hub: the hub's key, where it made its own certificate [default: $PARLEY_PIN, or the joined hub's]" };

    /// <summary>Adds the options of commands that go to a hub's API where this home's agent is not meant.</summary>
    public static void AddTo(Command command)
    {
        command.Add(HubData);
        command.Add(Hub);
        command.Add(KeyFile);
        command.Add(Pin);
    }

    /// <summary>A client with the key that the options name.</summary>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.HubUnreachable"/>: no hub runs there; <see cref="ErrorCode.Unauthenticated"/>: no key; <see cref="ErrorCode.FilePermissions"/>.
    /// </exception>
    public static HubApiClient Open(CommandContext context, ParseResult parsed)
    {
        var (data, hub, keyFile) = (DataOf(parsed), parsed.GetValue(Hub), parsed.GetValue(KeyFile));
        if (data is not null && hub is not null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Give the data folder of a hub on this machine or --hub for its address, not both.");
        }

        return hub is null ? OpenLocal(data ?? context.LocateHome("hub"), keyFile) : OpenRemote(context, hub, parsed.GetValue(Pin), keyFile);
    }

    /// <summary>The data folder that the command line names; null for none.</summary>
    public static string? DataOf(ParseResult parsed)
    {
        // A command has one of the two, and may not be asked for the other.
        var option = parsed.GetResult(HubData) is null ? Data : HubData;
        return parsed.GetResult(option) is null ? null : parsed.GetValue(option);
    }

    /// <summary>A client for a hub on this machine, by its data folder.</summary>
    /// <exception cref="ParleyException">As <see cref="Open"/>.</exception>
    public static HubApiClient OpenLocal(string data, string? keyFile = null)
    {
        var file = HubFile.Read(data);
        SpkiPin? pin = file.Pin is null ? null : SpkiPin.Parse(file.Pin);

        // A certificate from elsewhere is made out to the public name.
        var isNamed = pin is null && file.Public is not null && file.Http.StartsWith("https:", StringComparison.Ordinal);
        return new HubApiClient(new Uri(isNamed ? file.Public! : file.Http), pin, allowInsecure: true, ReadKey(keyFile ?? Path.Combine(data, KeyFileName)));
    }

    private static HubApiClient OpenRemote(CommandContext context, string hub, string? pin, string? keyFile)
    {
        var key = keyFile is not null ? ReadKey(keyFile) : context.Environment(KeyVariable);
        if (string.IsNullOrWhiteSpace(key))
        {
            throw new ParleyException(ErrorCode.Unauthenticated, $"No admin key: set {KeyVariable} or give --key-file FILE.");
        }

        // A home that joined this hub knows its key and how far to trust its address.
        var named = RoomHubOptions.Resolve(hub, pin, allowInsecure: false, context.Environment, () => HubProfile.TryLoad(context.OpenHome()));
        return new HubApiClient(named.Address, named.Pin, named.AllowInsecure, key.Trim());
    }

    private static string ReadKey(string path)
    {
        try
        {
            return Encoding.ASCII.GetString(SecretFile.Read(path)).Trim();
        }
        catch (IOException exception)
        {
            throw new ParleyException(ErrorCode.Unauthenticated, $"The admin key cannot be read from {path}.", exception);
        }
    }
}
