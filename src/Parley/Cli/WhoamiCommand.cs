using System.Text.Json;
using Parley.Client.Config;

namespace Parley.Cli;

/// <summary><c>parley whoami</c>: which agent this home is, its key, and the hub that it joined.</summary>
internal sealed class WhoamiCommand : ParleyCommand
{
    public WhoamiCommand()
        : base(
            "whoami",
            "Print which agent this home is",
            new Example("parley whoami", "address, key and hub of the default home"),
            new Example("parley --home ~/agent-b whoami --json", "the same of another home, for a program"))
    {
        Add(CommonOptions.Json);
        OnRun((context, _) => Run(context));
    }

    private static int Run(CommandContext context)
    {
        var home = context.OpenHome();
        var profile = HubProfile.Load(home);
        using var identity = HomeIdentity.Load(home);
        if (context.IsJson)
        {
            var shown = new WhoamiJson(
                profile.Agent.ToString(), profile.Agent.Owner, profile.Agent.Name, identity.Fingerprint, profile.HubId, profile.Http, profile.Grpc, home.FullPath, profile.JoinedAt);
            context.Terminal.WriteJson(JsonSerializer.Serialize(shown, CliJson.Default.WhoamiJson));
            return 0;
        }

        context.Terminal.WriteLine($"agent   {profile.Agent}");
        context.Terminal.WriteLine($"key     {identity.Fingerprint}");
        context.Terminal.WriteLine($"hub     {profile.HubId} at {profile.Http}");
        context.Terminal.WriteLine($"home    {home.FullPath}");
        context.Terminal.WriteLine($"joined  {profile.JoinedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");
        return 0;
    }
}

/// <summary>What <c>whoami --json</c> prints.</summary>
internal sealed record WhoamiJson(
    string Agent, string Owner, string Name, string Fingerprint, string HubId, Uri Http, Uri Grpc, string Home, DateTimeOffset JoinedAt);
