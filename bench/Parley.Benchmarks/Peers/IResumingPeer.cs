namespace Parley.Benchmarks.Peers;

/// <summary>A peer whose idle agents attach again by themselves after the server was gone.</summary>
internal interface IResumingPeer : IRequestReplyPeer
{
    /// <summary>Idle agents attached at this moment.</summary>
    int AttachedCount { get; }

    /// <summary>Kills the server and starts it again with the same data and address; completes when it is ready.</summary>
    Task RestartAsync(CancellationToken cancellationToken);
}
