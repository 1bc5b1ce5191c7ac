namespace Parley.Cli.Peers;

/// <summary><c>parley peer</c>: two instances ask each other directly, without a hub.</summary>
internal sealed class PeerCommand : ParleyCommand
{
    public PeerCommand()
        : base(
            "peer",
            "Ask other instances directly, without a hub, with pinned keys",
            new Example("parley peer init --name kp", "make key, certificate and peers.json"),
            new Example("parley peer export --host 192.0.2.7", "what the other side's peer add reads"),
            new Example("parley peer ask peer-b \"Is Ollama running?\"", "ask, and print the answer"))
    {
        Add(new PeerInitCommand());
        Add(new PeerExportCommand());
        Add(new PeerAddCommand());
        Add(new PeerListCommand());
        Add(new PeerDiscoverCommand());
        Add(new PeerServeCommand());
        Add(new PeerPingCommand());
        Add(new PeerAskCommand());
        Add(new PeerTaskCommand());
        Add(new PeerRotateCommand());
        Add(new PeerDoctorCommand());
    }
}
