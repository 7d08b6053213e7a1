//! A connection to one server: time-outs of our own, and never used again once an answer failed to come.

use std::{fmt, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, IntoConnectionInfo, Pipeline,
    RedisConnectionInfo, TlsCertificates, Value, aio::MultiplexedConnection, io::tcp::TcpSettings,
};
use tokio::time::timeout;

use super::{
    Options,
    address::{Address, Node},
    failure::Failure,
    reply::{Reply, field, number, text},
    scripts::Script,
};

/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(1);

/// How a server is reached.
#[derive(Clone)]
pub(super) struct Door {
    address: Address,
    /// Certificates that a server's may be signed by, if not those of this machine.
    root_certificates: Option<Vec<u8>>,
    /// How long a call may take before its connection is given up.
    call: Duration,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)
    }
}

impl Door {
    pub(super) fn new(address: Address, options: &Options) -> Self {
        Self {
            address,
            root_certificates: options.root_certificates.clone(),
            call: options.call,
        }
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Connects to a server of the data.
    pub(super) async fn connect(&self, node: &Node) -> Result<Link, Failure> {
        let mut login = RedisConnectionInfo::default()
            .set_db(self.address.database)
            .set_skip_set_lib_name();
        if let Some(user) = &self.address.user {
            login = login.set_username(user);
        }
        if let Some(password) = &self.address.password {
            login = login.set_password(password.reveal());
        }
        self.connect_as(node, login).await
    }

    /// Connects to a sentinel, which may ask for the same password or for none.
    pub(super) async fn connect_to_sentinel(&self, node: &Node) -> Result<Link, Failure> {
        let nobody = RedisConnectionInfo::default().set_skip_set_lib_name();
        let mut link = self.connect_as(node, nobody.clone()).await?;
        let Some(password) = &self.address.password else {
            return Ok(link);
        };
        if link.call(&redis::cmd("PING")).await.is_ok() {
            return Ok(link);
        }
        let login = nobody.set_password(password.reveal());
        self.connect_as(node, login).await
    }

    async fn connect_as(&self, node: &Node, login: RedisConnectionInfo) -> Result<Link, Failure> {
        let name = node.to_string();
        let client = self.client(node, login);
        let client = client.map_err(|error| Failure::of_connecting(&name, &error))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let connecting = client.get_multiplexed_async_connection_with_config(&config);
        match timeout(CONNECT, connecting).await {
            Ok(Ok(connection)) => Ok(Link {
                name,
                connection,
                call: self.call,
            }),
            Ok(Err(error)) => Err(Failure::of_connecting(&name, &error)),
            Err(_) => {
                let limit = CONNECT.as_millis();
                Err(Failure::not_applied(format!(
                    "Redis at {name} cannot be reached within {limit} ms: is the host right, and does a firewall drop it?"
                )))
            }
        }
    }

    fn client(&self, node: &Node, login: RedisConnectionInfo) -> redis::RedisResult<Client> {
        let (host, port) = (node.host.clone(), node.port);
        let addr = if self.address.tls {
            ConnectionAddr::TcpTls {
                host,
                port,
                insecure: false,
                tls_params: None,
            }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        let info = addr
            .into_connection_info()?
            .set_redis_settings(login)
            .set_tcp_settings(TcpSettings::default().set_nodelay(true));
        if !self.address.tls {
            return Client::open(info);
        }
        let certificates = TlsCertificates {
            client_tls: None,
            root_cert: self.root_certificates.clone(),
        };
        Client::build_with_tls(info, certificates)
    }
}

/// A connection. After any failure it is to be dropped: an answer that was late would be taken for the next one's.
pub(super) struct Link {
    name: String,
    connection: MultiplexedConnection,
    /// How long a call may take.
    call: Duration,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link to {}", self.name)
    }
}

/// What a server says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    /// Its random id, new at each start.
    pub(super) run_id: String,
    /// Replicas that are connected.
    pub(super) replicas: u32,
    /// Those of them that follow: one that still copies everything confirms nothing.
    pub(super) following: u32,
    /// Everything, as `field:value` lines.
    pub(super) info: String,
}

impl Link {
    /// The server, as it is told to people.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// One command.
    pub(super) async fn call(&mut self, command: &Cmd) -> Result<Value, Failure> {
        self.call_within(command, self.call).await
    }

    /// One command that may take longer.
    pub(super) async fn call_within(
        &mut self,
        command: &Cmd,
        limit: Duration,
    ) -> Result<Value, Failure> {
        let sent = self.connection.send_packed_command(command);
        let answer = timeout(limit, sent).await;
        let answer = answer.map_err(|_| late(&self.name, limit))?;
        answer
            .and_then(Value::extract_error)
            .map_err(|error| Failure::of(&self.name, &error))
    }

    /// Several commands as one step; their answers.
    pub(super) async fn transaction(
        &mut self,
        commands: &Pipeline,
        limit: Duration,
    ) -> Result<Vec<Value>, Failure> {
        let answers = timeout(limit, commands.query_async(&mut self.connection)).await;
        let answers = answers.map_err(|_| late(&self.name, limit))?;
        answers.map_err(|error| Failure::of(&self.name, &error))
    }

    /// Runs a script. A server that does not know it runs nothing, and is then given its text.
    pub(super) async fn run(
        &mut self,
        script: &Script,
        keys: &[String],
        arguments: &[&[u8]],
    ) -> Result<Reply, Failure> {
        self.run_within(script, keys, arguments, self.call).await
    }

    /// The same for a script that may take longer.
    pub(super) async fn run_within(
        &mut self,
        script: &Script,
        keys: &[String],
        arguments: &[&[u8]],
        limit: Duration,
    ) -> Result<Reply, Failure> {
        let by_digest = script.by_digest(keys, arguments);
        let sent = self.connection.send_packed_command(&by_digest);
        let answer = timeout(limit, sent).await;
        let answer = answer.map_err(|_| late(&self.name, limit))?;
        let value = match answer.and_then(Value::extract_error) {
            Ok(value) => value,
            Err(error) if error.code() == Some("NOSCRIPT") => {
                let by_text = script.by_text(keys, arguments);
                self.call_within(&by_text, limit).await?
            }
            Err(error) => return Err(Failure::of(&self.name, &error)),
        };
        Reply::read(&self.name, value)
    }

    /// The same, and then waits until so many replicas have what it wrote, all in one go; how many have.
    pub(super) async fn run_and_wait(
        &mut self,
        script: &Script,
        keys: &[String],
        arguments: &[&[u8]],
        replicas: u32,
        wait: Duration,
    ) -> Result<(Reply, u32), Failure> {
        let mut both = Pipeline::with_capacity(2);
        both.add_command(script.by_digest(keys, arguments));
        both.add_command(wait_command(replicas, wait));
        let limit = self.call + wait;
        let sent = self.connection.send_packed_commands(&both, 0, 2);
        let answers = timeout(limit, sent).await;
        let answers = answers.map_err(|_| late(&self.name, limit))?;
        let answers = answers.map_err(|error| Failure::of(&self.name, &error))?;
        let strange = || Failure::strange(&self.name);
        let [reply, count] = <[Value; 2]>::try_from(answers).map_err(|_| strange())?;
        match reply.extract_error() {
            Ok(value) => {
                let count = number(count).ok_or_else(strange)?;
                let reply = Reply::read(&self.name, value)?;
                Ok((reply, u32::try_from(count).unwrap_or(u32::MAX)))
            }
            Err(error) if error.code() == Some("NOSCRIPT") => {
                let by_text = script.by_text(keys, arguments);
                let value = self.call_within(&by_text, self.call).await?;
                let reply = Reply::read(&self.name, value)?;
                Ok((reply, self.wait(replicas, wait).await?))
            }
            Err(error) => Err(Failure::of(&self.name, &error)),
        }
    }

    /// Waits until so many replicas have what this connection wrote; how many have.
    pub(super) async fn wait(&mut self, replicas: u32, limit: Duration) -> Result<u32, Failure> {
        let command = wait_command(replicas, limit);
        let value = self.call_within(&command, limit + self.call).await?;
        let count = number(value).ok_or_else(|| Failure::strange(&self.name))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Asks the server about itself.
    pub(super) async fn about(&mut self) -> Result<About, Failure> {
        let value = self.call(&redis::cmd("INFO")).await?;
        let info = text(value).ok_or_else(|| Failure::strange(&self.name))?;
        let replicas = field(&info, "connected_slaves").and_then(|count| count.parse().ok());
        let follows = |line: &&str| line.starts_with("slave") && line.contains("state=online");
        let following = info.lines().filter(follows).count();
        Ok(About {
            run_id: field(&info, "run_id").unwrap_or_default().to_owned(),
            replicas: replicas.unwrap_or(0),
            following: u32::try_from(following).unwrap_or(u32::MAX),
            info,
        })
    }
}

fn wait_command(replicas: u32, limit: Duration) -> Cmd {
    // Zero would be for ever.
    let ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).max(1);
    let mut command = redis::cmd("WAIT");
    command.arg(replicas).arg(ms);
    command
}

fn late(node: &str, limit: Duration) -> Failure {
    Failure::unknown(format!(
        "Redis at {node} gave no answer within {} ms",
        limit.as_millis()
    ))
}
