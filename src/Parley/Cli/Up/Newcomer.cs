using Parley.Cli.Hosting;
using Parley.Client.Config;
using Parley.Client.Enrolment;
using Parley.Client.HubApi;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli.Up;

/// <summary>Makes homes on this machine agents of the hub that <c>up</c> runs, and keeps them so when the hub comes back on other ports.</summary>
internal sealed class Newcomer(CommandContext context, HubApiClient admin, HubFile hub)
{
    private static readonly Dictionary<string, string> _noLabels = [];

    /// <summary>The name for the user's own home: this machine's.</summary>
    public string OwnName { get; } = HostNames.ToAgentName(Environment.MachineName);

    /// <summary>A join string for one more agent.</summary>
    public async Task<string> MakeJoinStringAsync(CancellationToken cancellationToken)
    {
        var json = ManagementJson.Answers;
        return (await admin.PostAsync("/api/tokens", new TokenArguments(), json.TokenArguments, json.ItemNewToken, cancellationToken)).Data.Join;
    }

    /// <summary>Joins when the home has not joined; a home of this hub learns its addresses, a home of another hub is left alone.</summary>
    /// <returns>The home's address.</returns>
    public async Task<string> EnsureAsync(HomeFolder home, string name, CancellationToken cancellationToken)
    {
        var join = JoinString.Parse(await MakeJoinStringAsync(cancellationToken));
        if (HubProfile.TryLoad(home) is { } present)
        {
            if (present.HubId == join.HubId)
            {
                (present with { Http = new Uri(hub.Http), Grpc = new Uri(hub.Grpc), Pin = join.Pin }).Save(home);
            }
            else
            {
                context.Terminal.Note($"the home {home.FullPath} is {present.Agent} at another hub, {present.HubId}, and stays so; use another --home");
            }

            return present.Agent.ToString();
        }

        return (await JoinAsync(home, join, name, cancellationToken)).Address;
    }

    private async Task<EnrolResult> JoinAsync(HomeFolder home, JoinString join, string name, CancellationToken cancellationToken)
    {
        var enroller = new Enroller(context.Time, context.FillRandom);
        try
        {
            return await enroller.JoinAsync(home, join, name, _noLabels, allowInsecure: false, cancellationToken);
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.NameTaken)
        {
            return await enroller.JoinAsync(home, join, string.Empty, _noLabels, allowInsecure: false, cancellationToken);
        }
    }
}
