using System.CommandLine;
using Parley.Client.PeerApi.Rotation;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer rotate</c>: new keys, which peers take over by themselves.</summary>
internal sealed class PeerRotateCommand : ParleyCommand
{
    private readonly Option<string> _overlap = new("--overlap") { HelpName = "D", DefaultValueFactory = _ => DurationText.Format(KeyRotation.DefaultOverlap), Description = "How long the old certificate is still shown, up to 90d: peers that neither ask nor are asked meanwhile need a new export" };
    private readonly Option<bool> _now = new("--now") { Description = "Show the new certificate at once, after a theft; peers learn of it when this home asks them" };
    private readonly Option<bool> _finish = new("--finish") { Description = "End the overlap of a rotation that is under way" };

    public PeerRotateCommand()
        : base(
            "rotate",
            "Make new keys; peers take them over by themselves",
            new Example("parley peer rotate", "the new keys are signed by the old ones, and told with every request"),
            new Example("parley peer rotate --finish", "end the overlap now"))
    {
        Add(_overlap);
        Add(_now);
        Add(_finish);
        OnRun(Run);
    }

    private int Run(CommandContext context, ParseResult parsed)
    {
        var home = context.OpenHome();
        using var held = PeerHome.Lock(home);
        var rotation = new KeyRotation(home, context.Time);
        if (parsed.GetValue(_finish))
        {
            var pending = rotation.Pending() ?? throw new ParleyException(ErrorCode.NotFound, "No rotation is under way.");
            rotation.Finish();
            context.Terminal.WriteLine(pending.NewPin.ToString());
            return 0;
        }

        var overlap = parsed.GetValue(_now) ? TimeSpan.Zero : DurationText.Parse(parsed.GetValue(_overlap)!);
        var statement = rotation.Begin(PeerHome.Load(context), overlap);
        context.Terminal.WriteLine(statement.NewPin.ToString());
        context.Terminal.Note(overlap == TimeSpan.Zero
            ? "the new certificate is shown from now on; peers learn of it when this home asks them (parley peer list does)"
            : $"the old certificate is shown until {DateTimeOffset.FromUnixTimeSeconds(statement.Until):u}; peers that ask or are asked until then take the new keys over");
        return 0;
    }
}
